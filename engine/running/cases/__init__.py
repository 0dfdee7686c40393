"""Running cases: what is due for them is gathered, the machine walks them in sets, what came of it is stored in one go."""
