"""What `why` asks is what a tick asks, on both databases, and it leaves nothing behind."""

from datetime import date, datetime

from engine.running.asking import ask
from engine.running.compiling import compile_sections
from engine.running.tick import tick

NOW = datetime(2024, 3, 4, 9)
BASE = {"for": "visit", "purpose": "internal", "do": {"a": {"event": "visit.seen"}}}
SECTIONS = {
    "events": {"visit.recorded": {"entity": "visit", "when": "created"}, "visit.seen": {"entity": "visit"}},
    "rules": {
        "t.event": {**BASE, "on": "visit.recorded"},
        "t.date": {**BASE, "date": "3 days after visited_on", "catch_up": "10 days"},
        "t.edge": {**BASE, "when": [{"kind": "workshop"}], "at_start": "act"},
        "t.slot": {**BASE, "every": "day at 08:00", "catch_up": "1 day"},
    },
}


def test_what_a_run_would_do_it_does(store):
    setting = compile_sections(SECTIONS).over(store)
    with store.session(write=True):
        customer = store.insert_many("customer", [{"number": 1}])[0]
        visit = store.insert_many("visit", [{"number": "V1", "customer": customer, "kind": "workshop", "visited_on": date(2024, 3, 1)}])[0]
    names = list(SECTIONS["rules"])
    would = {name: [(one.occurrence, one.verdict) for one in ask(setting, name, "visit", visit, NOW).would] for name in names}
    assert would["t.date"] == [("date#1", "done")]
    assert all(would.values())
    assert store.rows("SELECT COUNT(*) FROM occurrence", [])[0][0] == store.rows("SELECT COUNT(*) FROM event", [])[0][0] == 0
    tick(setting, NOW)
    for name in names:
        answer = ask(setting, name, "visit", visit, NOW)
        decided = [(one.occurrence, one.verdict) for one in answer.decided]
        if name == "t.event":  # an event that is not taken yet has no number that stays
            assert [verdict for _, verdict in decided] == [verdict for _, verdict in would[name]]
        else:
            assert decided == would[name]
        assert (answer.would, bool(answer.reasons)) == ([], True)
