"""A new site: its settings, folders for own files, and what an editor needs to check them while they are written."""

from __future__ import annotations

import json
from pathlib import Path

from engine.editing import FOLDER, write_editor_schemas
from engine.language.findings import RegelwerkError
from engine.site import load_site

SETTINGS = """# Settings of this site.
pack: site
language: de
store: regelwerk.db
packs: [standard, pipelines]
"""
RULES = """# Your own rules, and changes of shipped ones. For example:
# change:
#   standard.remotorisation: {date: 30 months after delivered_on}
#   standard.winter_tyres: {enabled: false}
change: {}
"""
WORKFLOWS = """# Your own workflows, and changes of shipped ones. For example:
# change:
#   pipelines.sales:
#     steps:
#       first_call: {due: 2 business days, remove: [escalate]}
change: {}
"""


def write_site(folder: Path) -> list[Path]:
    """Write the files of a new site; returns them. Raises RegelwerkError where there is one or the folder cannot be written."""
    if (folder / "regelwerk.yaml").exists():
        raise RegelwerkError(f"{folder} is a site already", "choose another folder", exit_code=2, code="exists")
    if (folder / FOLDER).exists() and not (folder / FOLDER).is_dir():
        raise RegelwerkError(f"{folder / FOLDER} is in the way", "it is where the editor's schemas go: move it", exit_code=2, code="exists")
    files = {
        folder / "regelwerk.yaml": _modeline("") + SETTINGS,
        folder / "rules" / "own.yaml": _modeline("../") + RULES,
        folder / "workflows" / "own.yaml": _modeline("../") + WORKFLOWS,
        folder / ".vscode" / "settings.json": json.dumps(editor_settings(), indent=2) + "\n",
    }
    try:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():  # what somebody put there before stays
                path.write_text(text, "utf-8")
        folder.chmod(0o700)
        schemas = write_editor_schemas(load_site(folder))
    except OSError as error:
        raise RegelwerkError(f"{folder} cannot be written: {error.strerror}", "check the folder's rights") from None
    return [*files, *schemas]


def editor_settings() -> dict[str, dict[str, list[str]]]:
    """What the YAML extension of VS Code is told: which schema checks which file."""
    files = {"definitions.json": ["rules/**/*.yaml", "workflows/**/*.yaml"], "regelwerk.json": ["regelwerk.yaml"], "pack.json": ["pack.yaml"]}
    return {"yaml.schemas": {f"{FOLDER}/{schema}": patterns for schema, patterns in files.items()}}


def _modeline(up: str) -> str:
    """The line by which other editors find the schema, `up` from the file."""
    return f"# yaml-language-server: $schema={up}{FOLDER}/{'definitions' if up else 'regelwerk'}.json\n"
