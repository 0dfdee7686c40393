"""Commands that ask: why, customer."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.common import NUMBER, Frame, emit, frame, options, table
from engine.language.findings import RegelwerkError
from engine.language.nearest import an, did_you_mean
from engine.planning.explain import explain, first_failing, outline
from engine.planning.query import QueryContext
from engine.store.lookup import row_of

DECIDED = "SELECT decided_at, occurrence, effect, verdict, reason FROM decision WHERE definition = ? AND subject_entity = ? AND subject_id = ? ORDER BY id"


def find_subject(here: Frame, subject: str) -> tuple[str, int]:
    """`customer:4711`, `vehicle:VIN`, `activity:17` as entity and row. Raises RegelwerkError."""
    name, _, key = subject.partition(":")
    entities = {n: e for n, e in here.setting.vocabulary.entities.items() if not e.engine}
    if name not in entities or not key:
        raise RegelwerkError(f"'{subject}' names no record", did_you_mean(name, entities, "write e.g. customer:4711"), exit_code=2)
    row = row_of(here.store, entities[name], key)
    if row is None:
        column = entities[name].key or "id"
        raise RegelwerkError(f"there is no {name} {key}", f'`regelwerk select "[{{{column}: ...}}]" --for {name}` finds them', exit_code=2)
    return name, row


@click.command()
@click.argument("definition")
@click.argument("subject")
@options
def why(definition: str, subject: str, folder: Path, clock: str | None, user: str, as_json: bool) -> int:
    """Why DEFINITION acts on SUBJECT or does not: each condition, wanted and found, and what was decided."""
    here = frame(folder, clock, user, as_json)
    variants = [rule for rule in here.setting.rules if rule.id == definition]
    if not variants:
        raise RegelwerkError(f"there is no rule '{definition}'", did_you_mean(definition, [r.id for r in here.setting.rules]), exit_code=2)
    entity, row = find_subject(here, subject)
    rule = next((one for one in variants if one.entity != entity or here.setting.mine(one, [row])), variants[0])
    if entity != rule.entity:
        raise RegelwerkError(f"{definition} is for {an(rule.entity)}, not {an(entity)}", f"write {rule.entity}:...", exit_code=2)
    lines = [f"{definition} for {subject}"]
    decided = [(here.at(entry[0]), *entry[1:]) for entry in here.store.rows(DECIDED, [definition, entity, row])]
    failing = None
    if rule.condition is not None:
        tree = explain(here.store, entity, rule.condition, QueryContext(here.now, here.site.calendar), row)
        failing = first_failing(tree)
        lines += outline(tree)
        lines.append("the condition holds now" if failing is None else f"it does not hold now: {failing.says} {failing.wanted}, found {failing.found}")
    else:
        lines.append("it has no condition beyond its trigger")
    head = ("when", "occurrence", "effect", "verdict", "reason")
    lines += table(head, decided) if decided else ["nothing has been decided for it yet"]
    data = {
        "holds": failing is None,
        "failing": failing.says if failing else None,
        "decisions": [dict(zip(head, entry, strict=True)) for entry in decided],
    }
    emit(here, data, lines)
    return 0


HISTORY = """
SELECT day, what, detail FROM (
  SELECT entered_on AS day, 'history' AS what, coalesce(action, info, content) AS detail FROM history_entry WHERE customer = ? AND deleted_at IS NULL
  UNION ALL SELECT visited_on, 'visit', kind FROM visit WHERE customer = ?
  UNION ALL SELECT posted_on, 'tag', kind FROM tag WHERE customer = ?
  UNION ALL SELECT due_on, 'activity', kind || ' ' || status FROM activity WHERE customer = ?
  UNION ALL SELECT signed_on, 'purchase', what FROM purchase WHERE customer = ?
  UNION ALL SELECT delivered_on, 'delivery', number FROM delivery WHERE customer = ?
) x ORDER BY day, what, detail
"""


@click.command()
@click.argument("number", type=NUMBER)
@options
def customer(number: int, folder: Path, clock: str | None, user: str, as_json: bool) -> int:
    """A customer's history: visits, purchases, tags, activities, entries, by date."""
    here = frame(folder, clock, user, as_json)
    _, row = find_subject(here, f"customer:{number}")
    name, city = here.store.rows("SELECT name, city FROM customer WHERE id = ?", [row])[0]
    rows = [tuple(entry) for entry in here.store.rows(HISTORY, [row] * 6)]
    head = ("day", "what", "detail")
    data = {"number": number, "name": name, "city": city, "history": [dict(zip(head, entry, strict=True)) for entry in rows]}
    emit(here, data, [f"{number} {name or ''}, {city or ''}", *table(head, rows)])
    return 0
