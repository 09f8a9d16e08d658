"""What the manager's boards show, out of the figures that the night counted."""
