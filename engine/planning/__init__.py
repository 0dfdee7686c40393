"""Compiles conditions to queries and plans rules."""
