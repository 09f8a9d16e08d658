"""The morning brief: at most five exceptions that matter today."""
