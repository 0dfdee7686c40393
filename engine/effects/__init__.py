"""One file per kind of effect: schema, plan text, apply."""
