"""Pages that show several apps: the advisor's day, the store's warnings, settings, jobs."""
