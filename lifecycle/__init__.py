"""Service plans, rollup and state of every vehicle, stages and segments of every customer."""
