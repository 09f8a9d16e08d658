"""Opens the store scope of each request."""
