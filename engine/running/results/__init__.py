"""What came of definitions, version by version: the closed loop (S1.7, S1.9). Every figure is a set query."""
