"""Every outside surface: files, commands, the import page."""
