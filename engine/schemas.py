"""All schemas, with what only the engine knows put in; `python -m engine.schemas DIR` writes them for editors."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from engine.definitions.assumptions_schema import assumptions_schema
from engine.definitions.schema import file_schema, section_schemas
from engine.definitions.schema_parts import Schema
from engine.definitions.shape import Shape
from engine.definitions.site_schema import pack_schema, site_schema
from engine.effects import EFFECTS
from engine.running.rights import RIGHTS

SECTION_SCHEMAS = section_schemas({word: effect.schema for word, effect in EFFECTS.items()}, RIGHTS)
SECTIONS = {name: Shape(schema) for name, schema in SECTION_SCHEMAS.items()}
SITE = Shape(site_schema())
PACK = Shape(pack_schema())
ASSUMPTIONS = Shape(assumptions_schema())


def files() -> dict[str, Schema]:
    """File name -> schema: one per section, one for a whole file, one each for regelwerk.yaml, pack.yaml and a file of assumptions."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return {
        **{f"{name}.json": {**head, **schema} for name, schema in SECTION_SCHEMAS.items()},
        "definitions.json": file_schema(SECTION_SCHEMAS),
        "regelwerk.json": {**head, **site_schema()},
        "pack.json": {**head, **pack_schema()},
        "assumptions.json": {**head, **assumptions_schema()},
    }


def write(folder: Path) -> None:
    """Write them all; a line for each item, unindented: indentation was half of what an editor has to load."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, schema in files().items():
        (folder / name).write_text(json.dumps(schema, indent=0, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
