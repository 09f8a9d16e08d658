"""Measures DESIGN §9: each figure beside a floor of the same run. `python -m bench --help`."""
