"""The group of all commands."""

from __future__ import annotations

import click

from engine.commands.asking import customer, why
from engine.commands.authoring import check, fields, init, show
from engine.commands.campaign import campaign
from engine.commands.day import agenda, select
from engine.commands.demo import demo
from engine.commands.graph import graph
from engine.commands.importing import import_file
from engine.commands.planned import absence, activity, done
from engine.commands.recording import consent, record
from engine.commands.results import results
from engine.commands.stores import db
from engine.commands.testing import test
from engine.commands.ticking import discard, pause, plan, release, resume, run, status
from engine.commands.workflow import incidents, workflow


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="regelwerk")
def app() -> None:
    """Rules for vehicle dealers, in YAML. Exit: 0 fine, 1 something failed, 2 usage, 3 invalid definitions, 75 store busy."""


for _command in (
    absence, activity, agenda, campaign, check, consent, customer, db, demo, discard, done, fields, graph, import_file, incidents, init, pause, plan, record, release, resume,
    results, run, select, show, status, test, why, workflow,
):  # fmt: skip
    app.add_command(_command)
