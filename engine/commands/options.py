"""The options every command takes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--site, --now, --user and --json."""
    for option in (
        click.option("--site", "folder", type=click.Path(path_type=Path), default=Path(), envvar="REGELWERK_SITE", help="The site's folder (here)."),
        click.option("--now", "clock", help="The clock, local time: 2026-11-24 or 2026-11-24T08:00 (now)."),
        click.option("--user", default="", envvar="REGELWERK_USER", help="Who acts: an employee's initials."),
        click.option("--json", "as_json", is_flag=True, help="Print JSON."),
    ):
        command = option(command)
    return command
