"""One record that cannot be reckoned with fails alone, and costs the others nothing (design.md, a batch fails)."""

from datetime import date, datetime

import pytest

from engine.running import apply
from engine.running.compiling import compile_sections
from engine.running.tick import tick
from tests.running.sites import shipped_sections

EFFECTS = [
    {"set": {"address_checked_on": "3 days after customer_since_on"}},
    {"tag": "stammkunde", "until": "3 days after customer_since_on"},
    {"activity": "resubmission", "due": "3 days after customer_since_on"},
]


@pytest.mark.parametrize("effect", EFFECTS, ids=lambda effect: next(iter(effect)))
def test_a_bad_row_fails_alone(store, effect, monkeypatch):
    with store.session(write=True), store.context(quiet=True):
        store.insert_many("customer", [{"number": n, "moved": True, "customer_since_on": None if n == 7 else date(2020, 1, n)} for n in range(1, 21)])
    sections = shipped_sections()
    rule = {"label": "R", "for": "customer", "purpose": "internal", "when": [{"moved": True}], "at_start": "act", "do": {"e": effect}}
    sections["rules"] = {"site.r": rule}
    compiled = compile_sections(sections)
    assert not compiled.problems
    batches = []
    real = apply._one_batch
    monkeypatch.setattr(apply, "_one_batch", lambda *args: batches.append(args) or real(*args))
    tick(compiled.over(store), datetime(2024, 2, 29, 8))
    failed = store.rows("SELECT s.number, o.reason FROM occurrence o JOIN customer s ON s.id = o.subject_id WHERE o.status = 'failed'", [])
    assert [row[0] for row in failed] == [7]
    assert "missing" in failed[0][1]
    assert store.rows("SELECT COUNT(*) FROM occurrence WHERE status = 'done'", [])[0][0] == 19
    assert len(batches) == 1
