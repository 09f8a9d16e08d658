"""Kernel without domain words: errors, dates, encryption, embedded services."""
