"""Measurements: `make bench`, or `python -m bench --customers 5000` for a quick look. README.md says what is compared."""
