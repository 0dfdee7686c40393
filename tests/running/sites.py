"""Small sites for tests: definitions read plainly, parameters at their defaults."""

from pathlib import Path

import yaml

from engine.running.compiling import compile_sections

PACK = Path(__file__).parents[2] / "rules"


def _strings(data):
    """Keys as written: `on` is no truth value (the product's reader sees to that; here a loader without types does)."""
    return yaml.load(data, Loader=yaml.BaseLoader)


def _typed(value):
    if isinstance(value, dict):
        return {key: _typed(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_typed(inner) for inner in value]
    if value in ("true", "false"):
        return value == "true"
    return int(value) if isinstance(value, str) and value.isdigit() and not value.startswith("0") else value


def shipped_sections():
    sections = {}
    for path in sorted(PACK.rglob("*.yaml")):
        if path.name != "pack.yaml":
            for section, entries in _typed(_strings(path.read_text("utf-8"))).items():
                sections.setdefault(section, {}).update(entries)
    defaults = {f"${name}": data["default"] for name, data in sections["parameters"].items()}
    return _filled(sections, defaults)


def _filled(value, defaults):
    if isinstance(value, dict):
        return {key: _filled(inner, defaults) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, defaults) for inner in value]
    if isinstance(value, str) and value in defaults:
        return defaults[value]
    if isinstance(value, str):
        for name, default in sorted(defaults.items(), key=lambda one: -len(one[0])):
            value = value.replace(name, str(default))
    return value


def shipped(store, *only):
    sections = shipped_sections()
    if only:
        sections["rules"] = {name: data for name, data in sections["rules"].items() if name in only}
    compiled = compile_sections(sections)
    assert not compiled.problems, compiled.problems
    return compiled.over(store)


def site_of(store, rules, **sections):
    """The shipped words with rules of one's own, over a store."""
    found = shipped_sections()
    found["rules"] = rules
    for section, entries in sections.items():
        found[section] = {**found.get(section, {}), **entries}
    compiled = compile_sections(found)
    assert not compiled.problems, compiled.problems
    return compiled.over(store)
