"""The language's small, pure parts: durations, calendars, conditions, templates. Imports nothing of ours."""
