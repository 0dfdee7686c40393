"""The group of all commands. A command's module is imported when it is called: the start of one does not pay for all."""

from __future__ import annotations

from importlib import import_module

import click

MODULES = {
    "asking": ("customer", "why"),
    "authoring": ("fields", "init"),
    "checking": ("check",),
    "showing": ("show",),
    "campaign": ("campaign",),
    "day": ("agenda", "select"),
    "demo": ("demo",),
    "graph": ("graph",),
    "importing": ("import",),
    "planned": ("absence", "activity", "done"),
    "recording": ("consent", "record"),
    "reference": ("docs",),
    "results": ("results",),
    "simulating": ("simulate",),
    "stores": ("db",),
    "testing": ("test",),
    "ticking": ("discard", "pause", "plan", "release", "resume", "run", "status"),
    "workflow": ("incidents", "workflow"),
}
"""Module of this folder -> the commands in it. (`import` is a word of Python: its function is `import_file`.)"""
WHERE = {command: module for module, commands in MODULES.items() for command in commands}


class Commands(click.Group):
    """Commands found by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        """All of them, sorted."""
        return sorted(WHERE)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        """The command of that name, its module imported now."""
        if cmd_name not in WHERE:
            return None
        module = import_module(f"engine.commands.{WHERE[cmd_name]}")
        found: click.Command = getattr(module, "import_file" if cmd_name == "import" else cmd_name)
        return found


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="regelwerk")
def app() -> None:
    """Rules for vehicle dealers, in YAML. Exit: 0 fine, 1 something failed, 2 usage, 3 invalid definitions, 75 store busy."""
