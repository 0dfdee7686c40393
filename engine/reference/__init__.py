"""The reference of the language, made from the one place of each keyword."""
