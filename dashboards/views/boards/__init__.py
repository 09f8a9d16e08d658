"""The manager's boards."""
