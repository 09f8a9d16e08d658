"""Pure rules of tasks: templates of what is said, and what may be given."""
