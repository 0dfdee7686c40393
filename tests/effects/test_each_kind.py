"""Each kind of effect by itself, on both databases: done once, not again, one bad record beside a good one, taken back."""

from datetime import date, datetime, timedelta

import pytest

from engine.effects import EFFECTS
from engine.running.compiling import compile_sections
from engine.running.tick import tick
from tests.running.sites import shipped_sections

NOW = datetime(2026, 3, 2, 9)
MADE = {
    "tag": ({"tag": "motorradclub", "value": "{{ name }}"}, "SELECT customer, value FROM tag WHERE kind = 'motorradclub' AND taken_back_on IS NULL", "Anna"),
    "untag": ({"untag": "umbaukunde"}, "SELECT customer, value FROM tag WHERE kind = 'umbaukunde' AND taken_back_on IS NOT NULL", "x"),
    "list": ({"list": "matching_wishes"}, "SELECT customer, list FROM list_entry WHERE taken_off_at IS NULL", "matching_wishes"),
    "history": ({"history": {"content": "{{ name }}"}}, "SELECT customer, content FROM history_entry", "Anna"),
    "activity": ({"activity": "check_address", "due": "2 business days", "note": "{{ name }}"}, "SELECT customer, note FROM activity", "Anna"),
    "message": ({"message": "winter_tyres", "channel": ["email"]}, "SELECT customer, address FROM message WHERE status = 'queued'", "a@x.de"),
    "event": ({"event": "customer.noticed"}, "SELECT subject_id, name FROM event WHERE name = 'customer.noticed'", "customer.noticed"),
    "assign": ({"assign": "salesperson", "to": ["sales_manager"]}, "SELECT id, city FROM customer WHERE salesperson IS NOT NULL", "Ulm"),
    "set": ({"set": {"city": "Köln"}}, "SELECT id, city FROM customer WHERE city = 'Köln'", "Köln"),
}
"""Word -> the effect, what shows that it was done, and the value that shows it for Anna."""


def site(store, word, trigger):
    sections = shipped_sections()
    effect, _, _ = MADE[word]
    sections["events"] = {**sections["events"], "customer.noticed": {"entity": "customer", "label": "B"}}
    purpose = {"message": "advertising", "activity": "internal"}.get(word, "internal")
    sections["rules"] = {"site.one": {"label": "E", "for": "customer", "purpose": purpose, **trigger, "do": {"it": effect}}}
    compiled = compile_sections(sections)
    assert not compiled.problems, compiled.problems
    return compiled.over(store)


def people(store):
    with store.session(write=True), store.context(quiet=True):
        rows = [
            {"number": n, "name": name, "email": f"{name[0].lower()}@x.de", "country": "DE", "kind": "person", "city": "Ulm", "household_size": 0}
            for n, name in enumerate(["Anna", "Bo"])
        ]
        anna, bo = store.insert_many("customer", rows)
        store.insert_many("tag", [{"customer": anna, "kind": "umbaukunde", "value": "x", "posted_on": date(2026, 1, 1)}])
        proof = {"purpose": "advertising", "channel": "email", "ground": "explicit", "text_version": "1", "source": "Haus", "evidence": "F"}
        store.insert_many("consent", [{"customer": anna, **proof, "given_at": NOW, "confirmed_at": NOW}])
    return anna, bo


def move(store, customer, moved):
    with store.session(write=True):
        store.update_many("customer", [{"id": customer, "household_size": int(moved)}])


@pytest.fixture
def home(store):
    with store.session(write=True), store.context(quiet=True):
        boss = store.insert_many("employee", [{"initials": "bea"}])[0]
        store.insert_many("employee_role", [{"employee": boss, "role": "sales_manager"}])
    return store


def shown(store, word):
    return [tuple(row) for row in store.rows(MADE[word][1], [])]


@pytest.mark.parametrize("word", MADE)
def test_it_is_done_when_the_condition_becomes_true_and_not_again(home, word):
    setting = site(home, word, {"when": [{"household_size": 1}], "at_start": "act"})
    anna, bo = people(home)
    tick(setting, NOW)
    assert shown(home, word) == []
    move(home, anna, True)
    for minutes in (1, 2, 90):
        tick(setting, NOW + timedelta(minutes=minutes))
    assert shown(home, word) == [(anna, MADE[word][2])]


@pytest.mark.parametrize("word", [word for word in MADE if EFFECTS[word].reversible])
def test_what_can_be_taken_back_stands_as_long_as_the_condition_holds(home, word):
    setting = site(home, word, {"while": [{"household_size": 1}]})
    anna, _ = people(home)
    for hours, moved in enumerate([True, True, False, False, True]):
        move(home, anna, moved)
        tick(setting, NOW + timedelta(hours=hours))
        assert shown(home, word) == ([(anna, MADE[word][2])] if moved else [])


@pytest.mark.parametrize("word", [word for word in MADE if not EFFECTS[word].reversible])
def test_what_cannot_be_taken_back_is_refused_in_while(word):
    sections = shipped_sections()
    sections["events"] = {**sections["events"], "customer.noticed": {"entity": "customer", "label": "B"}}
    rule = {"label": "E", "for": "customer", "purpose": "advertising", "while": [{"household_size": 1}], "do": {"it": MADE[word][0]}}
    assert [problem.code for problem in compile_sections({**sections, "rules": {"site.one": rule}}).problems["site.one"]] == ["rule-effect-not-reversible"]


@pytest.mark.parametrize("word", [word for word in MADE if word != "untag"])
def test_one_record_that_the_database_refuses_does_not_stop_the_other(home, word, monkeypatch):
    setting = site(home, word, {"when": [{"household_size": 1}], "at_start": "act"})
    anna, bo = people(home)
    tick(setting, NOW)
    for customer in (bo, anna):
        move(home, customer, True)
    kind, plainly = type(EFFECTS[word]), type(EFFECTS[word]).apply

    def refusing(self, plan, works, batch):
        done = plainly(self, plan, works, batch)
        if any(work.subject == bo for work in works):
            raise ValueError("the database refuses")
        return done

    monkeypatch.setattr(kind, "apply", refusing)
    tick(setting, NOW + timedelta(minutes=1))
    assert shown(home, word) == [(anna, MADE[word][2])]


def test_every_kind_is_here():
    assert set(MADE) == set(EFFECTS) - {"workflow"}, "workflows come next"
