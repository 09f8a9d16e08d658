"""Filters of the import pages."""
