"""What an editor checks and completes a site's files with: the schemas with the site's own names, below `.regelwerk/`."""

from __future__ import annotations

import json
from pathlib import Path

from engine import schemas
from engine.definitions.completion import site_file_schema, site_settings_schema
from engine.definitions.schema_parts import Schema
from engine.site import Site

FOLDER = ".regelwerk"


def editor_schemas(site: Site) -> dict[str, Schema]:
    """File name -> schema, for the files that a site or its packs are made of."""
    shared = schemas.files()
    return {
        "definitions.json": site_file_schema(shared["definitions.json"], site.compiled.vocabulary, site.sections, str(site.settings.get("pack", "site"))),
        "regelwerk.json": site_settings_schema(shared["regelwerk.json"], site.sections),
        "pack.json": shared["pack.json"],
        "assumptions.json": shared["assumptions.json"],
    }


def write_editor_schemas(site: Site) -> list[Path]:
    """Write them; returns those that were not so already. Raises OSError."""
    folder = site.folder / FOLDER
    folder.mkdir(exist_ok=True)
    written = []
    for name, schema in editor_schemas(site).items():
        path, text = folder / name, json.dumps(schema, indent=0, ensure_ascii=False) + "\n"
        if not path.is_file() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            written.append(path)
    return written


def refresh_editor_schemas(site: Site) -> None:
    """Keep what `init` wrote in step with the definitions. A folder that is not there, or may not be written, stays as it is."""
    if (site.folder / FOLDER).is_dir():
        try:
            write_editor_schemas(site)
        except OSError:
            return  # a checkout that is only read is checked all the same
