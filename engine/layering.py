"""A site's `regelwerk.yaml` and the files of its layers, read and merged; nothing is compiled here, so it is quick."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.definitions.collect import collect
from engine.definitions.document import Document
from engine.definitions.layers import Definitions
from engine.definitions.reader import read_file
from engine.definitions.shape import Shape
from engine.definitions.site_schema import pack_schema, site_schema
from engine.language.findings import Finding, InvalidSite, RegelwerkError
from engine.language.nearest import did_you_mean
from engine.shipped import shipped_folder

SHIPPED = {"standard": "rules", "pipelines": "workflows"}


@dataclass(frozen=True)
class Layers:
    """What a site's files say. `layers`: (pack id, folder, the folder's name in findings), in order."""

    settings: Document
    definitions: Definitions
    layers: list[tuple[str, Path, str]]


def read_layers(folder: Path, *, tests: bool = False, instead: Mapping[str, str] | None = None, packs: Mapping[str, Path] | None = None) -> Layers:
    """Read a site's files, packs that `packs` names from where it says. Raises InvalidSite with every finding where `regelwerk.yaml` or a pack itself is wrong."""
    path = folder / "regelwerk.yaml"
    if not path.is_file():
        raise RegelwerkError(f"there is no regelwerk.yaml in {folder}", "`regelwerk init DIR` makes a site", exit_code=3, code="no-site")
    document = _checked(path, "regelwerk.yaml", Shape(site_schema()), instead)
    layers = [(name, (packs or {}).get(name, found), shown) for name, found, shown in _layers(folder, document)]
    definitions = collect(layers, tests=tests, instead=instead)
    definitions.documents["regelwerk.yaml"] = document
    return Layers(document, definitions, layers)


def _checked(path: Path, shown: str, shape: Shape, instead: Mapping[str, str] | None = None) -> Document:
    document, findings = read_file(path, shown, instead)
    if document is not None:
        findings = [Finding(document.place(m.where, key=m.key), m.code, m.message, m.hint) for m in shape.mistakes(document.data)]
    if document is None or findings:
        raise InvalidSite(findings)
    return document


def _layers(folder: Path, settings: Document) -> list[tuple[str, Path, str]]:
    layers, findings = [], []
    for index, pack in enumerate(settings.data.get("packs", ["standard"])):
        place = settings.place(("packs", index))
        if pack in SHIPPED:
            layers.append((pack, shipped_folder(SHIPPED[pack]), pack))
        elif (folder / pack / "pack.yaml").is_file():
            found = _checked(folder / pack / "pack.yaml", f"{pack}/pack.yaml", Shape(pack_schema()))
            layers.append((str(found.data["pack"]), folder / pack, pack))
        else:
            findings.append(Finding(place, "site-unknown-pack", f"there is no pack '{pack}'", did_you_mean(pack, SHIPPED, "name a folder with a pack.yaml")))
    own = str(settings.data.get("pack", "site"))
    twice = sorted({name for name, _, _ in layers if [other for other, _, _ in layers].count(name) > 1} | ({own} & {name for name, _, _ in layers}))
    findings += [Finding(settings.place(("packs",)), "site-pack-twice", f"two packs are called '{name}'", "keep one, or rename yours") for name in twice]
    if findings:
        raise InvalidSite(findings)
    return layers + [(own, folder / name, name) for name in ("rules", "workflows") if (folder / name).is_dir()]
