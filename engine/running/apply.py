"""Writing decisions: each batch in one transaction together with its occurrence keys and journal rows.

A batch that fails is rolled back and taken again one by one, so that one bad row is recorded with its reason and
the others are done. The unique index on the occurrence's name is what makes twice impossible.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from engine.effects import EFFECTS
from engine.effects.base import Batch, Result, Work
from engine.planning.rules import Rule
from engine.planning.values import load
from engine.planning.workflows.graph import Flow
from engine.running.journal import decision
from engine.store.causes import cause_text
from engine.store.store import Store

MakeBatch = Callable[[Rule | Flow], Batch]
BATCH = 500
ATTEMPTS = 3


@dataclass
class Tally:
    """What a tick did, by verdict and by definition."""

    by_definition: dict[str, dict[str, int]] = field(default_factory=dict)

    def count(self, definition: str, verdict: str, number: int = 1) -> None:
        """Note so many decisions."""
        counts = self.by_definition.setdefault(definition, {})
        counts[verdict] = counts.get(verdict, 0) + number

    def total(self, verdict: str) -> int:
        """How many decisions ended so."""
        return sum(counts.get(verdict, 0) for counts in self.by_definition.values())


@dataclass
class LoadedValues:
    """The fields a batch reads, loaded once; a path that was not foreseen is loaded when asked."""

    store: Store
    rows: dict[str, dict[int, dict[str, Any]]] = field(default_factory=dict)

    def foresee(self, entity: str, numbers: Sequence[int], paths: Sequence[str]) -> None:
        """Load paths for many records at once."""
        known = self.rows.setdefault(entity, {})
        for number, values in load(self.store, entity, list(numbers), list(paths)).items():
            known.setdefault(number, {}).update(values)

    def get(self, entity: str, row: int, path: str) -> Any:
        """The value at a path; None where anything on the way is missing."""
        known = self.rows.setdefault(entity, {}).setdefault(row, {})
        if path not in known:
            known[path] = load(self.store, entity, [row], [path]).get(row, {}).get(path)
        return known[path]


class EffectFailed(Exception):
    """An effect that could not be done; its cause says why."""

    def __init__(self, effect: str) -> None:
        super().__init__(effect)
        self.effect = effect


Share = Mapping[str, Sequence[Work]]
"""Effect name -> its work. What a candidate is owed over all effects is written in one transaction: whoever looks at its
occurrences, after a kill too, sees all of them or none."""


def of_all_effects(rule: Rule, works: Sequence[Work]) -> Share:
    """The same work for every effect of a rule."""
    first = next(iter(rule.effects), "")  # what was found is said once an occurrence
    return {effect: [replace(work, effect=effect, found=work.found if effect == first else {}) for work in works] for effect in rule.effects}


def apply_works(rule: Rule, share: Share, make_batch: MakeBatch, run: int, tally: Tally, hold: str = "") -> None:
    """Do (or, with `hold` as the reason, only hold) the work of a rule, in batches."""
    longest = max((len(works) for works in share.values()), default=0)
    for start in range(0, longest, BATCH):
        chunk = {effect: works[start : start + BATCH] for effect, works in share.items()}
        try:
            _one_batch(rule, chunk, make_batch, run, tally, hold)
        except EffectFailed:
            for index in range(min(BATCH, longest - start)):
                _one_by_one(rule, {effect: works[index : index + 1] for effect, works in chunk.items()}, make_batch, run, tally, hold)


def _one_by_one(rule: Rule, share: Share, make_batch: MakeBatch, run: int, tally: Tally, hold: str) -> None:
    """One candidate's work; an effect that fails is recorded with its reason, and tried again up to ATTEMPTS times in all."""
    failed: dict[str, str] = {}
    while True:
        try:
            _one_batch(rule, share, make_batch, run, tally, hold, failed)
            return
        except EffectFailed as error:
            failed[error.effect] = f"{type(error.__cause__).__name__}: {error.__cause__}"[:500]


def _one_batch(rule: Rule, share: Share, make_batch: MakeBatch, run: int, tally: Tally, hold: str, failed: Mapping[str, str] | None = None) -> None:
    decided_now: list[tuple[Work, Result]] = []
    store = make_batch(rule).store
    with store.session(write=True):
        for effect, works in share.items():
            fresh = _not_yet_done(works, store)
            if fresh:
                results = _results(rule, effect, fresh, make_batch(rule), run, hold, (failed or {}).get(effect, ""))
                decided_now += zip(fresh, results, strict=True)
    for work, result in decided_now:
        tally.count(work.definition, result.verdict or result.status)


def _results(rule: Rule, effect: str, works: Sequence[Work], batch: Batch, run: int, hold: str, failed: str) -> list[Result]:
    """One effect, with values read after the effects before it; what each work writes is one deeper than itself. Raises EffectFailed."""
    found: dict[int, Result] = {}
    for depth in sorted({work.depth for work in works}):
        places = [place for place, work in enumerate(works) if work.depth == depth]
        results = _of_one_depth(rule, effect, [works[place] for place in places], batch, run, hold, failed)
        found.update(zip(places, results, strict=True))
    return [found[place] for place in range(len(works))]


def _of_one_depth(rule: Rule, effect: str, works: Sequence[Work], batch: Batch, run: int, hold: str, failed: str) -> list[Result]:
    word, plan = rule.effects[effect]
    with batch.store.context(cause=cause_text(f"run {run}", rule.id), depth=works[0].depth + 1):
        if failed:
            results = [Result("failed", failed)] * len(works)
        elif hold:
            results = [Result("held", hold)] * len(works)
        else:
            try:
                _foresee(rule, works, batch)
                results = EFFECTS[word].apply(plan, works, batch)
            except Exception as error:
                raise EffectFailed(effect) from error
        record(works, results, batch, run)
    return results


def _foresee(rule: Rule, works: Sequence[Work], batch: Batch) -> None:
    values = batch.values
    entity = batch.vocabulary.entity(rule.entity)
    name = rule.each.name if rule.each else ""
    own = {path for path in rule.paths if path.split(".")[0] != name}
    own |= {path for path in (entity.customer, entity.branch) if path and path != "self"}
    if own:
        values.foresee(rule.entity, [work.subject for work in works], sorted(own))
    matched = [path.partition(".")[2] for path in rule.paths if name and path.split(".")[0] == name and "." in path]
    numbers = [work.match.id for work in works if work.match]
    if rule.each and matched and numbers:
        values.foresee(rule.each.entity, numbers, matched)


def _not_yet_done(works: Sequence[Work], store: Store) -> list[Work]:
    """Leave out what another runner, or this one before it was killed, has already written."""
    if not works:
        return []
    first = works[0]
    rows = store.rows_in(
        "SELECT subject_id, occurrence, target, status, id, attempts FROM occurrence"
        " WHERE definition = ? AND subject_entity = ? AND effect = ? AND subject_id IN ({})",
        [first.definition, first.entity, first.effect],
        [work.subject for work in works],
    )
    known = {(row[0], row[1], row[2] or ""): row for row in rows}
    fresh = []
    for work in works:
        row = known.get((work.subject, work.occurrence, work.target))
        if row is None:
            fresh.append(work)
        elif work.occurrence_id == row[4] and row[3] in ("held", "failed"):
            fresh.append(replace(work, attempts=row[5] or 0))
    return fresh


def record(works: Sequence[Work], results: Sequence[Result], batch: Batch, run: int) -> None:
    """Write the occurrence keys and the journal rows of what was decided."""
    new, old, journal = [], [], []
    for work, result in zip(works, results, strict=True):
        row = _occurrence(work, result, batch, run)
        if work.occurrence_id is None:
            new.append(row)
        else:
            old.append({"id": work.occurrence_id, **row})
        journal.append(decided(work, result, batch, run))
    if new:
        batch.store.insert_many("occurrence", new)
    if old:
        batch.store.update_many("occurrence", old)
    batch.store.insert_many("decision", journal)


def _occurrence(work: Work, result: Result, batch: Batch, run: int) -> dict[str, Any]:
    return {
        "definition": work.definition,
        "subject_entity": work.entity,
        "subject_id": work.subject,
        "occurrence": work.occurrence,
        "effect": work.effect,
        "target": work.target,
        "status": result.status,
        "entry": work.entry or None,
        "anchor": work.anchor,
        "day": work.day,
        "made_at": batch.now,
        "made_entity": result.made_entity or None,
        "made_id": result.made_id,
        "reason": result.reason or None,
        "cause": work.cause or None,
        "depth": work.depth,
        "attempts": work.attempts + 1,
        "run": run,
        "version": batch.version,
        "detail": _detail(work, result, batch.derived),
    }


def _detail(work: Work, result: Result, derived: bool) -> str | None:
    """What the occurrence has to know later: its match, and what the effect needs to take back."""
    match = work.match
    known = {"entity": match.entity, "id": match.id, "name": match.name, "score": match.score, "because": match.because} if match else {}
    known.update(result.detail or {})
    known.update({"while": True} if derived else {})
    return json.dumps(known, ensure_ascii=False) if known else None


def decided(work: Work, result: Result, batch: Batch, run: int) -> dict[str, Any]:
    """The journal's row for one piece of work."""
    return decision(
        run,
        work.definition,
        (work.entity, work.subject),
        result.verdict or result.status,
        batch.now,
        occurrence=work.occurrence,
        effect=work.effect,
        target=work.target,
        reason=result.reason,
        detail=json.dumps(known, ensure_ascii=False) if (known := _known(work, result)) else None,
    )


def _known(work: Work, result: Result) -> Mapping[str, Any]:
    """What was made, and what the condition's fields held."""
    made = {"made": f"{result.made_entity}:{result.made_id}"} if result.made_id is not None else {}
    return {**made, **({"found": work.found} if work.found else {})}


def perform(rule: Rule, works: Sequence[Work], make_batch: MakeBatch, run: int, tally: Tally) -> list[dict[str, Result]]:
    """Do a deed's effects for work of its own names, in the caller's session; effect -> result, for each piece of work.

    Raises EffectFailed; then the caller rolls back.
    """
    found: list[dict[str, Result]] = [{} for _ in works]
    for effect in rule.effects:
        for place, result in enumerate(_results(rule, effect, [replace(work, effect=effect) for work in works], make_batch(rule), run, "", "")):
            found[place][effect] = result
            tally.count(rule.id, result.verdict or result.status)
    return found
