"""Rounds, tick, lease, schedule, outbox, journal."""
