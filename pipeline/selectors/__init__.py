"""Reads of runs, chunks and their health."""
