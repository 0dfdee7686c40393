"""The command that draws workflows: graph."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.common import emit, frame
from engine.commands.in_force import refused
from engine.commands.options import options
from engine.commands.workflow import workflow_id
from engine.picture.drawing import drawing_of
from engine.picture.png import ending, write_picture
from engine.picture.svg import to_svg
from engine.picture.words import to_mermaid, to_text
from engine.running.cases import reports

FORMS = {"text": to_text, "svg": to_svg, "mermaid": to_mermaid}
ENDINGS = {".svg": "svg", ".png": "png", ".mmd": "mermaid", ".md": "mermaid", ".txt": "text"}


@click.command()
@click.argument("name")
@click.option("--as", "form", type=click.Choice(list(FORMS)), default="text", help="text for the terminal, svg, or mermaid (text).")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file; its ending names the form: flow.svg, flow.png, flow.mmd.")
@click.option("--counts/--no-counts", default=True, help="Show how many cases stand at each step (yes).")
@options
def graph(name: str, form: str, out: Path | None, counts: bool, folder: Path, clock: str | None, user: str, as_json: bool) -> int:
    """Draw the workflow NAME, with how many cases stand at each step."""
    here = frame(folder, clock, user, as_json)
    full = workflow_id(here, name)
    flow = next((flow for flow in here.setting.flows if flow.id == full), None)
    if flow is None:
        raise refused(here.site, name, "workflow", [flow.id for flow in here.setting.flows], sections=("workflows",))
    standing: dict[str, int] = {}
    for _, step, count, _ in reports.cases_by_step(here.store, full) if counts else ():
        standing[step] = standing.get(step, 0) + count
    if out is not None:
        form = ending(out, ENDINGS)
    picture = FORMS["svg" if form == "png" else form](drawing_of(flow, here.site.language, standing))
    if out is None:
        emit(here, {"workflow": full, "form": form, "picture": picture}, picture.rstrip("\n").split("\n"))
        return 0
    write_picture(out, picture)
    emit(here, {"workflow": full, "form": form, "file": str(out)}, [f"{full} is drawn in {out}"])
    return 0
