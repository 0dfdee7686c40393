"""Events: in what order they are taken, and which wait."""

from datetime import timedelta

from engine.running.events import take_changes
from engine.running.tick import tick
from tests.running.test_tick import MORNING, site_of, told

TWO = {name: {"entity": "customer", "label": "T"} for name in ("site.one", "site.two")}


def one_customer(store):
    with store.session(write=True), store.context(quiet=True):
        return store.insert_many("customer", [{"number": 1}])[0]


def test_for_one_subject_the_rules_of_an_earlier_event_act_first(store):
    rules = {
        "site.a": {"on": "site.two", "do": {"b": {"set": {"household_size": 2}}}},
        "site.b": {"on": "site.one", "do": {"b": {"set": {"household_size": 1}}}},
    }
    setting = site_of(store, rules, **TWO)
    anna = one_customer(store)
    for names, left in ((("site.one", "site.two"), 2), (("site.two", "site.one"), 1)):
        with store.session(write=True):
            store.insert_many("event", [told(name, anna, at=MORNING + timedelta(minutes=n)) for n, name in enumerate(names)])
        tick(setting, MORNING + timedelta(hours=1))
        assert store.rows("SELECT household_size FROM customer", [])[0][0] == left


def test_events_of_many_subjects_share_their_turns(store, monkeypatch):
    from engine.running import tick as module

    taken = []
    real = module.find.by_event
    monkeypatch.setattr(module.find, "by_event", lambda rule, scene, events: taken.append(len(events)) or real(rule, scene, events))
    rules = {f"site.{name}": {"on": f"site.{name}", "do": {"b": {"set": {"household_size": 2}}}} for name in ("one", "two")}
    setting = site_of(store, rules, **TWO)
    with store.session(write=True), store.context(quiet=True):
        people = store.insert_many("customer", [{"number": n} for n in range(50)])
        store.insert_many("event", [told(name, person) for person in people for name in TWO])
    tick(setting, MORNING)
    assert taken == [50, 50]


def test_an_event_waits_for_its_only_listener_to_be_mended_for_30_days(store):
    good = {"site.a": {"on": "site.one", "do": {"b": {"set": {"household_size": 2}}}}}
    broken = {"site.a": {"on": "site.one", "do": {"b": {"set": {"household_siz": 2}}}}}
    anna = one_customer(store)
    with store.session(write=True):
        store.insert_many("event", [told("site.one", anna), told("site.two", anna)])
    for days in (0, 20):
        report = tick(site_of(store, broken, **TWO), MORNING + timedelta(days=days))
        assert report.rounds == 1
        assert [row[0] for row in store.rows("SELECT name FROM event WHERE NOT taken", [])] == ["site.one"]
    tick(site_of(store, good, **TWO), MORNING + timedelta(days=21))
    assert store.rows("SELECT household_size FROM customer", [])[0][0] == 2
    with store.session(write=True):
        store.insert_many("event", [told("site.one", anna)])
    tick(site_of(store, broken, **TWO), MORNING + timedelta(days=31))
    assert store.rows("SELECT 1 FROM event WHERE NOT taken", []) == []


def test_of_quiet_changes_only_the_entities_are_read(store, monkeypatch):
    setting = site_of(store, {}, **TWO)
    with store.session(write=True), store.context(quiet=True):
        store.insert_many("customer", [{"number": n} for n in range(30)])
    with store.session(write=True):
        store.insert_many("branch", [{"code": "K"}])
    sizes = []
    real = store.rows
    monkeypatch.setattr(store, "rows", lambda sql, args: sizes.append(len(found := real(sql, args))) or found)
    _, entities = take_changes(store, setting.vocabulary, setting.events, 1, MORNING, setting.calendar)
    assert entities == {"customer", "branch"}
    assert max(sizes) <= 2
