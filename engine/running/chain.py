"""The chain of causes behind a record: through the rules, events and cases that led to it, back to what no rule did.

Everything is read from what was recorded; nothing is decided anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from engine.effects import EFFECTS
from engine.planning.coming import said as words_of
from engine.running.edits import edit_of
from engine.running.names import name_of
from engine.running.recorded import said_in
from engine.running.setting import Setting
from engine.store.causes import definition_in
from engine.store.given import instant

LONGEST = 40
"""So many links are followed: a run cuts a chain far before (`tick.MAX_DEPTH`), but cases live long."""
OCCURRENCE = (
    "SELECT o.id, o.definition, o.subject_entity, o.subject_id, o.occurrence, o.effect, o.entry, o.anchor, o.day, o.made_at, o.status, o.run, o.version,"
    ' r."by", o.reason FROM occurrence o LEFT JOIN run r ON r.id = o.run WHERE '
)


@dataclass(frozen=True)
class Link:
    """One cause: what it is, how commands call it, when it was (naive UTC; a local day where no more is kept), and what it says.

    `definition` is what was at work.
    """

    kind: str
    ref: str
    at: datetime | date | None
    says: str
    definition: str = ""


@dataclass
class Chain:
    """The links so far, the effect first."""

    setting: Setting
    links: list[Link] = field(default_factory=list)
    seen: set[tuple[str, Any]] = field(default_factory=set)

    def add(self, key: tuple[str, Any], link: Link) -> bool:
        """Add a link; False where it stands there already, or the chain is long enough."""
        if key in self.seen or len(self.links) >= LONGEST:
            return False
        self.seen.add(key)
        self.links.append(link)
        return True

    def name(self, entity: str, row: int) -> str:
        """A record's name."""
        return name_of(self.setting, entity, row)

    def ends(self, kind: str, ref: str, at: datetime | None, says: str) -> None:
        """The last link: what no rule did."""
        self.add((kind, ref), Link(kind, ref, at, says))

    def rows(self, sql: str, args: Sequence[Any]) -> list[Any]:
        """Rows of a statement of ours."""
        return self.setting.store.rows(sql, args)


def chain_of(setting: Setting, entity: str, row: int, link: Link) -> list[Link]:
    """The causes of a record, `link` (the record itself) first."""
    chain = Chain(setting)
    chain.add((entity, row), link)
    _record(chain, entity, row)
    return chain.links


def _record(chain: Chain, entity: str, row: int) -> None:
    """What made a record: the occurrence that did; else what is known of who wrote it."""
    made = chain.rows(f"{OCCURRENCE}o.made_entity = ? AND o.made_id = ? ORDER BY o.id LIMIT 1", [entity, row])
    if made:
        _occurrence(chain, made[0])
        return
    written = chain.rows('SELECT cause FROM "change" WHERE row_entity = ? AND row_id = ? AND operation = ? ORDER BY id LIMIT 1', [entity, row, "insert"])
    if written:
        chain.ends("written", str(written[0][0] or ""), None, f"{written[0][0] or 'written from outside'}; no run has looked at it yet")
        return
    told = _told_when_made(chain, entity, row)
    if told and not definition_in(told[1]):
        chain.ends("written", str(told[1] or ""), instant(told[0]), f"{told[1] or 'written from outside'}")
    else:
        chain.ends("written", "", None, _origin_unknown(chain, entity))


def _events_when_made(chain: Chain, entity: str) -> list[str]:
    return [kind.name for kind in chain.setting.events if kind.entity == entity and kind.how == "created"]


def _told_when_made(chain: Chain, entity: str, row: int) -> Any:
    """The event that the record's making raised (its moment, its cause); events that came to it later tell of other deeds."""
    sql = "SELECT recorded_at, cause FROM event WHERE subject_entity = ? AND subject_id = ? AND name IN ({}) ORDER BY id LIMIT 1"
    found = chain.setting.store.rows_in(sql, [entity, row], _events_when_made(chain, entity))
    return found[0] if found else None


def _origin_unknown(chain: Chain, entity: str) -> str:
    """What is said of a record of which nothing tells who wrote it, with the next step."""
    if _events_when_made(chain, entity):
        return "origin unknown: no rule made it and it raised no event; it was there before, or came with a first import: ask whoever keeps the records"
    return f"origin unknown: no rule made it, and no event tells of a new {entity}; declare one with `when: created`, and the next ones tell who wrote them"


def _occurrence(chain: Chain, o: Any) -> None:
    """An occurrence of a rule or a step of a case, and what brought it about."""
    number, definition, entity, subject, name, effect, entry, anchor, day, made_at, status, run, version, by, reason = o
    said = f"{definition} {_deed(effect, chain.name(entity, subject), status, reason or '')}, in run {run}{f' by {by}' if by else ''}"
    link = Link("decision", f"{definition} {entity}:{subject} {name}", instant(made_at), said, definition)
    if not chain.add(("occurrence", number), link):
        return
    word, _, rest = name.partition(" ")
    if word == "event" and rest.isdigit():
        _event(chain, int(rest))
    elif word == "case" and rest.split(" ")[0].isdigit():
        _case(chain, int(rest.split(" ")[0]), instant(made_at), entry or "")
    elif entry and (anchor or day):
        _date(chain, definition, version, entry, anchor, day, name)
    elif word in ("episode", "time"):
        _became_true(chain, definition, entity, subject, name, run, number)
    else:
        chain.ends("schedule", name, None, f"the slot {name.replace('T', ' ')} of its schedule")
    edit = edit_of(chain.setting.store, definition, version, run)
    if edit:
        chain.add(("edit", version), Link("edit", f"{definition} version {version}", instant(made_at), edit, definition))


def _deed(effect: str, who: str, status: str, reason: str) -> str:
    """What became of an effect, as it was: only what is done was done."""
    if status == "done":
        return f"did '{effect}' for {who}" + (f" ({reason})" if reason else "")
    tried = "tried" if status == "failed" else "would have done"
    return f"{tried} '{effect}' for {who}, {status}" + (f": {reason}" if reason else "")


def _date(chain: Chain, definition: str, version: int | None, entry: str, anchor: Any, day: Any, name: str) -> None:
    """A date that came: as the rule said it then, what it counted from, and where it fell."""
    said = said_in(chain.setting.store, version)[0] if version is not None else {}
    dates = said.get("date") or (said.get("start") or {}).get("date")
    phrase = dates.get(entry, "") if isinstance(dates, Mapping) else dates or ""
    rule = next((one for one in chain.setting.rules if one.id == definition and entry in one.dates), None)
    phrase = phrase or (words_of(rule.dates[entry]) if rule else entry)
    chain.ends("date", name, None, f"`{phrase}` fell on {str(day)[:10]}{f', counted from {str(anchor)[:10]}' if anchor else ''}")


def _became_true(chain: Chain, definition: str, entity: str, subject: int, name: str, run: int, before: int) -> None:
    """A condition came true: through an earlier deed of the same run, or through what was written since the run before."""
    which = "(o.subject_entity = ? AND o.subject_id = ?)"
    which += " OR (o.made_entity = 'tag' AND o.made_id IN (SELECT id FROM tag WHERE customer = ?))" if entity == "customer" else ""
    args = [run, before, definition, entity, subject, *([subject] if entity == "customer" else [])]
    earlier = chain.rows(f"{OCCURRENCE}o.run = ? AND o.id < ? AND o.definition <> ? AND ({which}) ORDER BY o.id DESC", args)
    for o in earlier:
        if _writes_for(chain.setting, o[1], o[5], definition):
            chain.add(("condition", before), Link("condition", name, None, "its condition became true through what the same run did before", definition))
            _occurrence(chain, o)
            return
    last = chain.rows("SELECT MAX(now_at) FROM run WHERE id < ? AND finished_at IS NOT NULL", [run])[0][0]
    since = f" since the run of {chain.setting.calendar.local(instant(last)):%Y-%m-%d %H:%M}" if last else ""
    shown = f"`regelwerk why {definition} {_ref(chain, entity, subject)}` shows with what"
    chain.ends("condition", name, None, f"its condition became true{since} ({name}); {shown}")


def _writes_for(setting: Setting, definition: str, effect: str, reader: str) -> bool:
    """Whether an effect writes what another rule's condition reads (as the rules in force say)."""
    reads = frozenset().union(*(rule.reads for rule in setting.rules if rule.id == reader))
    for rule in setting.rules:
        if rule.id == definition and effect in rule.effects:
            word, plan = rule.effects[effect]
            return not EFFECTS[word].writes(plan, rule.entity).isdisjoint(reads)
    return False


def _ref(chain: Chain, entity: str, row: int) -> str:
    return chain.name(entity, row).partition(" (")[0]


def _event(chain: Chain, number: int) -> None:
    """An event, and who or what raised it."""
    rows = chain.rows("SELECT name, subject_entity, subject_id, happened_at, recorded_at, cause FROM event WHERE id = ?", [number])
    if not rows:
        return
    name, entity, subject, happened, recorded, cause = rows[0]
    noted = f", noted {chain.setting.calendar.local(instant(recorded)):%Y-%m-%d %H:%M}" if recorded else ""
    if not chain.add(("event", number), Link("event", f"event:{number}", instant(happened), f"{name} of {chain.name(entity, subject)}{noted}")):
        return
    raised = chain.rows(f"{OCCURRENCE}o.made_entity = 'event' AND o.made_id = ? ORDER BY o.id LIMIT 1", [number])
    if raised:
        _occurrence(chain, raised[0])
        return
    _cause(chain, number, str(cause or ""), entity, subject, recorded)


def _cause(chain: Chain, event: int, cause: str, entity: str, subject: int, recorded: Any) -> None:
    """What a label of the change log tells: a run's rule, the cases, or whoever wrote it."""
    run = cause.removeprefix("run ").partition(":")[0]
    if cause.startswith("run ") and run.isdigit():
        mine = "o.run = ? AND ((o.made_entity IN (?, ?) AND o.made_id = ?) OR (o.subject_entity = ? AND o.subject_id = ?))"
        which = definition_in(cause)
        only = " AND o.occurrence LIKE 'case %'" if which == "cases" else " AND o.definition = ?"
        args = [int(run), entity, f"set:{entity}", subject, entity, subject, *([] if which == "cases" else [which])]
        found = [o for o in chain.rows(f"{OCCURRENCE}{mine}{only} ORDER BY o.id", args) if not _answers(o[4], event)]
        if found:
            _occurrence(chain, found[0])
        else:
            chain.ends("run", f"run {run}", instant(recorded), f"{'a case' if which == 'cases' else which} wrote it in run {run}")
    else:
        chain.ends("written", cause, instant(recorded), cause or "written from outside: no cause was told")
        made = chain.rows(f"{OCCURRENCE}o.made_entity = ? AND o.made_id = ? ORDER BY o.id LIMIT 1", [entity, subject])
        if made and chain.add((entity, subject), Link("record", f"{entity}:{subject}", None, f"{chain.name(entity, subject)} was there")):
            _occurrence(chain, made[0])


def _answers(occurrence: str, event: int) -> bool:
    """Whether it came of this event or a later one: then it cannot have raised it."""
    word, _, number = occurrence.partition(" ")
    return word == "event" and number.isdigit() and int(number) >= event


def _case(chain: Chain, number: int, until: datetime, step_now: str = "") -> None:
    """A running case: the step it came from, then what started it."""
    rows = chain.rows("SELECT definition, subject_entity, subject_id, started_at, occurrence, cause, started_by FROM instance WHERE id = ?", [number])
    if not rows:
        return
    definition, entity, subject, started, occurrence, cause, by = rows[0]
    sql = "SELECT step, outcome, closed_at FROM token WHERE instance = ? AND status = 'done' AND closed_at <= ? AND step <> ? ORDER BY closed_at DESC, number DESC LIMIT 1"
    for step, outcome, closed in chain.rows(sql, [number, until, step_now]):
        chain.add(("step", (number, step)), Link("step", f"case:{number} {step}", instant(closed), f"step {step} of case {number} ended: {outcome or 'done'}"))
    says = f"case {number} of {definition} for {chain.name(entity, subject)} began"
    if not chain.add(("case", number), Link("case", f"case:{number}", instant(started) if started else None, says, definition)):
        return
    made = chain.rows(f"{OCCURRENCE}o.made_entity = 'instance' AND o.made_id = ? ORDER BY o.id LIMIT 1", [number])
    inner = str(occurrence).partition(" case ")[2].split(" ")[0]
    if made:
        _occurrence(chain, made[0])
    elif inner.isdigit():
        _case(chain, int(inner), instant(started) if started else until)
    else:
        chain.ends("written", str(cause or occurrence), instant(started) if started else None, f"started {cause or occurrence}{f' ({by})' if by else ''}")
