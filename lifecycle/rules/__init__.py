"""Figures of the boards out of counted cells: pure functions, no database."""
