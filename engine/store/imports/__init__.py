"""Files of a dealer management system, taken in by a map: columns, formats, keys; all or nothing by default."""

from engine.store.imports.load import load_file
from engine.store.imports.loader import ImportResult

__all__ = ["ImportResult", "load_file"]
