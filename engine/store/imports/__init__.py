"""Files of a dealer management system, taken in by a map: columns, formats, keys; all or nothing by default."""

from engine.store.imports.load import ImportResult, load_file

__all__ = ["ImportResult", "load_file"]
