"""Where the shipped packs lie: inside the installed package, or beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).resolve().parent


def shipped_folder(kind: str) -> Path:
    """The folder of a shipped pack. Raises FileNotFoundError where the installation is incomplete."""
    for folder in (_HERE / "shipped" / kind, _HERE.parent / kind):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"no {kind}/ was installed with {__package__}")
