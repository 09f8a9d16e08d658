"""The order of the day: the nightly run of all stores and the settling of some vehicles now."""
