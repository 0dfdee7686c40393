"""The command line: one file per group of commands; they parse, call and print, and decide nothing."""

from __future__ import annotations

import json
import sys

import click

from engine.language.characters import control_character
from engine.language.findings import RegelwerkError


def main() -> None:
    """Run the command line; every exit is sorted here (design.md, command line)."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run with arguments; returns the exit code."""
    from engine.commands.app import app

    try:
        for argument in arguments:
            if control := control_character(argument):
                raise RegelwerkError(f"there is a control character {control} in what you typed", "delete it", exit_code=2)
        result = app.main(args=arguments, prog_name="regelwerk", standalone_mode=False)
        return int(result or 0)
    except RegelwerkError as error:
        _show(arguments, error)
        return error.exit_code
    except click.ClickException as error:
        if "--json" in arguments:
            _show(arguments, RegelwerkError(error.format_message(), "`--help` tells how", exit_code=2))
        else:
            error.show()
        return 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return 130
    except BrokenPipeError:
        return 0
    except Exception as error:  # whatever else comes up here is the store's trouble or our own mistake
        from engine.commands.trouble import sort_out

        found = sort_out(error)
        _show(arguments, found)
        return found.exit_code


def _show(arguments: list[str], error: RegelwerkError) -> None:
    if "--json" in arguments:
        click.echo(json.dumps({"version": 1, "errors": error.as_json()}, ensure_ascii=False))
    click.echo(f"{error.message}; {error.hint}" if error.hint else error.message, err=True)
