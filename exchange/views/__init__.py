"""Pages of the outside surfaces."""
