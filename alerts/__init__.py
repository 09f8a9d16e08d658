"""Warnings and tasks: who is to be called today, by whom, why."""
