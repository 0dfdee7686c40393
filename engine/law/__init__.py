"""The gate every message and call passes, and its tables per country."""
