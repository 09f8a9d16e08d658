"""Acts that belong to a page rather than to one table."""
