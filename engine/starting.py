"""A new site: its settings, folders for own files, and what an editor needs to check them while they are written."""

from __future__ import annotations

import json
from pathlib import Path

from engine.language.findings import RegelwerkError
from engine.shipped import shipped_folder

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
    files = {
        folder / "regelwerk.yaml": _modeline("regelwerk.json") + SETTINGS,
        folder / "rules" / "own.yaml": _modeline("definitions.json") + RULES,
        folder / "workflows" / "own.yaml": _modeline("definitions.json") + WORKFLOWS,
        folder / ".vscode" / "settings.json": json.dumps(editor_settings(), indent=2) + "\n",
    }
    try:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():  # what somebody put there before stays
                path.write_text(text, "utf-8")
        folder.chmod(0o700)
    except OSError as error:
        raise RegelwerkError(f"{folder} cannot be written: {error.strerror}", "check the folder's rights") from None
    return list(files)


def editor_settings() -> dict[str, dict[str, list[str]]]:
    """What the YAML extension of VS Code is told: which schema checks which file."""
    files = {"definitions.json": ["rules/**/*.yaml", "workflows/**/*.yaml"], "regelwerk.json": ["regelwerk.yaml"], "pack.json": ["pack.yaml"]}
    return {"yaml.schemas": {_uri(schema): patterns for schema, patterns in files.items()}}


def _modeline(schema: str) -> str:
    """The line by which other editors find the schema."""
    return f"# yaml-language-server: $schema={_uri(schema)}\n"


def _uri(schema: str) -> str:
    return (shipped_folder("schemas") / schema).as_uri()
