"""A file of definitions as it was read: its data, and the place of every key and value."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from engine.language.findings import Place, Where


@dataclass
class Document:
    """A file's data and the places of every key and value. `positions`: path -> (place of the key, of the value)."""

    file: str
    text: str
    data: dict[str, Any] = field(default_factory=dict)
    positions: dict[Where, tuple[Place, Place]] = field(default_factory=dict)
    _order: dict[Where, int] = field(default_factory=dict, repr=False)
    _paths: list[Where] = field(default_factory=list, repr=False)

    def place(self, path: Where, key: bool = False) -> Place:
        """Where a value (or its key) stands; a path that is not there is shortened until it is."""
        while path and path not in self.positions:
            path, key = path[:-1], False
        return self.positions[path][0 if key else 1] if path else Place(self.file, 1, 1)

    def below(self, path: Where) -> dict[Where, tuple[Place, Place]]:
        """The positions of everything below a path, from there. (They stand one after the other, the path's own first.)"""
        if path not in self.positions:
            return {}
        if not self._order:
            self._order.update((known, number) for number, known in enumerate(self.positions))
            self._paths.extend(self.positions)
        found, length = {}, len(path)
        for known in islice(self._paths, self._order[path], None):
            if known[:length] != path:
                break
            found[known[length:]] = self.positions[known]
        return found

    def excerpt(self, place: Place) -> str:
        """The line of a place with a caret below."""
        lines = self.text.splitlines()
        return f"{lines[place.line - 1]}\n{' ' * (place.column - 1)}^" if 0 < place.line <= len(lines) else ""
