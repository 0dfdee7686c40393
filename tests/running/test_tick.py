"""Whole ticks over both databases, with the shipped rules as they are."""

import re
from datetime import date, datetime, timedelta

import pytest

from engine.effects import EFFECTS
from engine.planning import candidates
from engine.running import acting, held
from engine.running.clock import clock_trouble
from engine.running.compiling import compile_sections
from engine.running.tick import tick
from tests.running.sites import shipped, shipped_sections

MORNING = datetime(2024, 2, 29, 8)


def people(store):
    with store.session(write=True):
        boss, ana = store.insert_many("employee", [{"initials": "bea"}, {"initials": "ana"}])
        store.insert_many("employee_role", [{"employee": boss, "role": "sales_manager"}, {"employee": ana, "role": "salesperson"}])
        branch = store.insert_many("branch", [{"code": "K", "manager": boss}])[0]
    return boss, ana, branch


def delivered(store, ana, branch, day, number=1):
    with store.session(write=True), store.context(quiet=True):
        customer = store.insert_many("customer", [{"number": number, "name": "Maier", "branch": branch, "kind": "person", "salesperson": ana}])[0]
        car = store.insert_many("vehicle", [{"vin": f"V{number}", "brand": "Ford", "model": "Focus", "owner": customer}])[0]
        row = {"number": f"D{number}", "customer": customer, "vehicle": car, "salesperson": ana, "branch": branch, "delivered_on": day}
        return customer, store.insert_many("delivery", [row])[0]


def activities(store):
    return store.rows("SELECT kind, status, due_on, assignee, customer FROM activity ORDER BY id", [])


@pytest.mark.req("S1.55", "S1.56")
def test_remotorisation_comes_after_32_months_and_once(store):
    _, ana, branch = people(store)
    customer, _ = delivered(store, ana, branch, date(2021, 6, 30))
    setting = shipped(store, "remotorisation")
    tick(setting, MORNING - timedelta(days=1))
    assert activities(store) == []
    for hours in (0, 1, 30):
        tick(setting, MORNING + timedelta(hours=hours))
    found = activities(store)
    assert [(row[0], str(row[2]), row[3], row[4]) for row in found] == [("remotorisation", "2024-02-29", ana, customer)]
    note = store.rows("SELECT note FROM activity", [])[0][0]
    assert note == "Ford Focus, ausgeliefert am 30.06.2021"


def test_a_newer_purchase_or_another_owner_stops_remotorisation(store):
    _, ana, branch = people(store)
    customer, _ = delivered(store, ana, branch, date(2021, 6, 30))
    with store.session(write=True):
        store.insert_many("purchase", [{"number": "P", "customer": customer, "kind": "vehicle", "signed_on": date(2023, 1, 1)}])
    tick(shipped(store, "remotorisation"), MORNING)
    assert activities(store) == []


def test_an_absent_salesperson_is_deputised_and_one_who_left_is_replaced(store):
    boss, ana, branch = people(store)
    with store.session(write=True):
        store.insert_many("absence", [{"employee": ana, "from_on": date(2024, 2, 1), "until_on": date(2024, 3, 31), "deputy": boss}])
    delivered(store, ana, branch, date(2021, 6, 30))
    tick(shipped(store, "remotorisation"), MORNING)
    assert activities(store)[0][3] == boss
    assert store.rows("SELECT assigned_because FROM activity", [])[0][0] == "deputy of ana"


def test_open_work_moves_with_its_anchor_and_finished_work_stays(store):
    _, ana, branch = people(store)
    _, delivery = delivered(store, ana, branch, date(2021, 6, 30))
    setting = shipped(store, "remotorisation")
    tick(setting, MORNING)
    with store.session(write=True):
        store.update_many("delivery", [{"id": delivery, "delivered_on": date(2021, 7, 15)}])
    tick(setting, MORNING + timedelta(hours=1))
    assert [str(row[2]) for row in activities(store)] == ["2024-03-15"]
    tick(setting, datetime(2024, 3, 15, 9))
    assert len(activities(store)) == 1


@pytest.mark.req("S0.20", "S0.22")
def test_events_come_from_changes_however_written_and_post_tags_once(store):
    people(store)
    setting = shipped(store)
    tick(setting, MORNING)
    with store.session(write=True):
        customer = store.insert_many("customer", [{"number": 1}])[0]
        message = store.insert_many("message", [{"customer": customer, "channel": "sms", "status": "queued"}])[0]
    tick(setting, MORNING + timedelta(minutes=5))
    assert store.rows("SELECT COUNT(*) FROM tag", [])[0][0] == 0
    with store.session(write=True):
        store.run("UPDATE message SET status = 'accepted', accepted_at = ? WHERE id = ?", [MORNING, message])
    for minutes in (10, 15):
        tick(setting, MORNING + timedelta(minutes=minutes))
    tags = store.rows("SELECT kind, customer, valid_until_on FROM tag", [])
    assert [(row[0], row[1], str(row[2])) for row in tags] == [("sms_gesendet", customer, "2025-02-28")]


@pytest.mark.req("S0.21")
def test_dunning_posts_its_tag(store):
    people(store)
    setting = shipped(store, "dunned")
    with store.session(write=True):
        customer = store.insert_many("customer", [{"number": 1}])[0]
        store.insert_many("dunning", [{"number": "M1", "customer": customer, "level": 2, "issued_on": MORNING.date()}])
    tick(setting, MORNING)
    assert [tuple(row) for row in store.rows("SELECT kind, value FROM tag", [])] == [("gemahnt", "2")]


def test_a_level_stands_as_long_as_its_condition_holds(store):
    people(store)
    setting = shipped(store, "regular_customer")
    with store.session(write=True):
        customer = store.insert_many("customer", [{"number": 1}])[0]
        store.insert_many("visit", [{"number": f"B{n}", "customer": customer, "visited_on": date(2023, 6, n)} for n in (1, 2, 3)])
    tick(setting, MORNING)
    standing = "SELECT COUNT(*) FROM tag WHERE taken_back_on IS NULL"
    assert store.rows(standing, [])[0][0] == 1
    tick(setting, MORNING + timedelta(days=300))
    assert store.rows(standing, [])[0][0] == 1
    tick(setting, datetime(2025, 6, 2, 8))
    assert store.rows(standing, [])[0][0] == 0
    assert store.rows("SELECT COUNT(*) FROM tag", [])[0][0] == 1


def stays_away(store):
    sections = shipped_sections()
    condition = [{"tagged": "inspektionskunde"}, {"visits": {"no": [{"visited_on": {"after": "15 months ago"}}]}}]
    call = {"activity": "service_call", "due": "3 business days", "assign": ["service_adviser"]}
    rule = {"label": "R", "for": "customer", "purpose": "advertising", "when": condition, "limit": "200 per run", "do": {"call": call}}
    sections["rules"] = {"stays_away": rule}
    return compile_sections(sections).over(store)


def inspection_customers(store, number):
    with store.session(write=True):
        made = store.insert_many("customer", [{"number": n} for n in range(number)])
        store.insert_many("tag", [{"customer": c, "kind": "inspektionskunde", "posted_on": date(2023, 1, 1)} for c in made])
    return made


def test_a_rule_switched_on_over_old_data_holds_until_released(store):
    people(store)
    setting = stays_away(store)
    inspection_customers(store, 3)
    tick(setting, MORNING)
    tick(setting, MORNING + timedelta(hours=1))
    assert activities(store) == []
    assert [row[2] for row in held.held_counts(store)] == [3]
    held.release(setting, "stays_away", MORNING + timedelta(hours=2))
    assert len(activities(store)) == 3
    assert held.held_counts(store) == []
    tick(setting, MORNING + timedelta(hours=3))
    assert len(activities(store)) == 3


def test_too_much_is_held_once_and_discarding_drops_it(store):
    people(store)
    setting = stays_away(store)
    inspection_customers(store, 1)
    tick(setting, MORNING)
    with store.session(write=True):
        made = store.insert_many("customer", [{"number": 1000 + n} for n in range(250)])
        store.insert_many("tag", [{"customer": c, "kind": "inspektionskunde", "posted_on": date(2023, 1, 1)} for c in made])
    for hours in (1, 2):
        tick(setting, MORNING + timedelta(hours=hours))
    assert activities(store) == []
    assert held.discard(setting, "stays_away", MORNING + timedelta(hours=3)) == 251
    tick(setting, MORNING + timedelta(hours=4))
    assert (activities(store), held.held_counts(store)) == ([], [])


@pytest.mark.req("S0.24", "S0.25")
def test_a_trade_in_lists_the_customers_whose_wish_fits_and_the_law_decides_who_is_told(store):
    people(store)
    setting = shipped(store, "trade_in_finds_wishes")
    with store.session(write=True):
        owner, wants, wants_too, expired = store.insert_many(
            "customer", [{"number": n, "country": "DE", "mobile": "0171", "email": "a@example.org"} for n in range(4)]
        )
        car = store.insert_many("vehicle", [{"vin": "V", "kind": "motorcycle", "brand": "BMW", "model": "R 1250 GS", "owner": owner}])[0]
        wish = {"kind": "motorcycle", "brand": "bmw", "model": "R 1250 GS"}
        store.insert_many(
            "wish",
            [
                {**wish, "customer": wants, "valid_until_on": date(2025, 1, 1)},
                {**wish, "customer": wants_too, "valid_until_on": None},
                {**wish, "customer": expired, "valid_until_on": MORNING.date()},
                {**wish, "customer": owner, "valid_until_on": None},
            ],
        )
        store.insert_many(
            "consent",
            [{"customer": wants, "purpose": "advertising", "channel": "sms", "ground": "explicit", "text_version": "1", "source": "shop",
              "evidence": "form 7", "given_at": datetime(2024, 1, 1)}],
        )  # fmt: skip
        store.insert_many("trade_in", [{"number": "I1", "customer": owner, "vehicle": car}])
    tick(setting, MORNING)
    listed = store.rows("SELECT customer, score, notifiable FROM list_entry ORDER BY customer", [])
    assert [(row[0], row[1]) for row in listed] == [(wants, 100), (wants_too, 100)]
    assert listed[0][2] == "yes"
    assert "keine Einwilligung" in listed[1][2]
    messages = store.rows("SELECT customer, status, channel FROM message ORDER BY customer", [])
    assert [tuple(row) for row in messages] == [(wants, "queued", "sms"), (wants_too, "blocked", "sms")]


def snapshot(store):
    """Everything a tick decides. Events are told apart by subject: a rolled-back batch leaves gaps in their numbers."""
    tables = [
        store.rows("SELECT definition, subject_entity, subject_id, occurrence, effect, target, status, day FROM occurrence", []),
        store.rows("SELECT kind, status, customer, subject_entity, subject_id, assignee, due_on, note FROM activity", []),
        store.rows("SELECT kind, customer, value, posted_on, valid_until_on, taken_back_on, source FROM tag", []),
        store.rows("SELECT definition, subject_id, episode, stands FROM standing", []),
        store.rows("SELECT name, subject_entity, subject_id, taken FROM event", []),
    ]
    return [sorted(re.sub(r"event \d+", "event", str(tuple(row))) for row in rows) for rows in tables]


def busy_store(store):
    _, ana, branch = people(store)
    for number in range(1, 8):
        customer, delivery = delivered(store, ana, branch, date(2021, 6, 20 + number), number)
        with store.session(write=True):
            store.insert_many("visit", [{"number": f"{number}-{n}", "customer": customer, "kind": "workshop", "visited_on": date(2024, 1, n),
                                         "closed_on": date(2024, 1, n)} for n in (1, 2, 3)])  # fmt: skip
            store.insert_many("dunning", [{"number": f"M{number}", "customer": customer, "level": 1, "issued_on": date(2024, 2, 1)}])


class Killed(BaseException):
    """Stands for a process that ends: nothing in the product may catch it."""


def test_killed_between_any_two_statements_and_run_again_ends_the_same(store, tmp_path, pg_server, monkeypatch):
    from engine.store.store import Store
    from tests.support.postgres import fresh_database

    def another(name):
        target = fresh_database(pg_server, f"k{tmp_path.name[-8:]}{name}".replace("-", "_")) if store.provider == "postgres" else tmp_path / f"{name}.db"
        other = Store.open(target, create=True)
        busy_store(other)
        return other

    real = Store._execute_many
    calls, kill_at = 0, None

    def killing(self, statement, values):
        nonlocal calls
        calls += 1
        if calls == kill_at:
            raise Killed
        real(self, statement, values)

    busy_store(store)
    monkeypatch.setattr(Store, "_execute_many", killing)
    tick(shipped(store), MORNING)
    wanted, writes = snapshot(store), calls
    assert len(wanted[0]) > 30
    for number in range(1, writes + 1, 3 if store.provider == "sqlite" else 7):
        monkeypatch.setattr(Store, "_execute_many", real)
        other = another(str(number))
        calls, kill_at = 0, number
        monkeypatch.setattr(Store, "_execute_many", killing)
        with pytest.raises(Killed):
            tick(shipped(other), MORNING)
        monkeypatch.setattr(Store, "_execute_many", real)
        tick(shipped(other), MORNING)
        tick(shipped(other), MORNING)
        assert snapshot(other) == wanted, number
        other.close()


def test_a_clock_that_went_back_or_jumped_does_nothing(store):
    setting = shipped(store, "remotorisation")
    tick(setting, MORNING)
    assert clock_trouble(setting) is None
    assert tick(setting, MORNING - timedelta(hours=1)).stopped_code == "clock_back"
    assert tick(setting, MORNING - timedelta(hours=1), confirm_jump=True).stopped_code == "clock_back"
    assert clock_trouble(setting)["code"] == "clock_back"
    assert tick(setting, MORNING + timedelta(days=401)).stopped_code == "clock_jump"
    assert "jumped 401 days" in clock_trouble(setting)["message"]
    assert tick(setting, MORNING + timedelta(days=399)).stopped == ""
    assert tick(setting, MORNING + timedelta(days=999), confirm_jump=True).stopped == ""
    assert clock_trouble(setting) is None
    tick(setting, MORNING + timedelta(days=1500))
    assert clock_trouble(setting)["code"] == "clock_jump"
    tick(setting, MORNING + timedelta(days=1500), confirm_jump=True)
    assert clock_trouble(setting) is None


def test_planning_in_a_throwaway_store_leaves_nothing(store):
    _, ana, branch = people(store)
    delivered(store, ana, branch, date(2021, 6, 30))
    with store.throwaway() as copy:
        report = tick(shipped(copy, "remotorisation"), MORNING)
        assert report.tally.total("done") == 1
    assert activities(store) == []
    assert store.rows("SELECT COUNT(*) FROM run", [])[0][0] == 0


def test_a_kill_at_the_first_evaluation_still_holds_the_others(store, monkeypatch):
    with store.session(write=True), store.context(quiet=True):
        store.insert_many("customer", [{"number": n, "name": "A", "deceased": False} for n in range(1, 4)])
    sections = shipped_sections()
    sections["rules"] = {"site.r": {"label": "R", "for": "customer", "purpose": "internal", "when": [{"deceased": False}],
                                    "do": {"a": {"activity": "resubmission"}, "b": {"tag": "stammkunde"}}}}  # fmt: skip
    setting = compile_sections(sections).over(store)
    real = acting.apply_works

    def killed(rule, share, *rest):
        real(rule, {effect: works[:1] for effect, works in share.items()}, *rest)
        raise KeyboardInterrupt

    monkeypatch.setattr(acting, "apply_works", killed)
    with pytest.raises(KeyboardInterrupt):
        tick(setting, MORNING)
    monkeypatch.undo()
    tick(setting, MORNING)
    assert [tuple(row) for row in store.rows("SELECT effect, status, COUNT(*) FROM occurrence GROUP BY effect, status ORDER BY effect", [])] == [
        ("a", "held", 3),
        ("b", "held", 3),
    ]


def test_a_pause_holds_what_falls_due_and_the_first_tick_after_it_does_it(store):
    _, ana, branch = people(store)
    delivered(store, ana, branch, date(2021, 6, 30))
    setting = shipped(store, "remotorisation")

    def switch(value):
        with store.session(write=True):
            store.set_switch("pause:remotorisation", value, "", MORNING)

    tick(setting, MORNING - timedelta(days=1))
    switch("on")
    for days in range(10):
        tick(setting, MORNING + timedelta(days=days))
    assert activities(store) == []
    assert [row[:3] for row in held.held_counts(store)] == [("remotorisation", "paused", 1)]
    switch(None)
    for days in (10, 11):
        tick(setting, MORNING + timedelta(days=days))
    assert [(row[0], str(row[2])) for row in activities(store)] == [("remotorisation", "2024-02-29")]
    assert held.held_counts(store) == []


def test_after_a_pause_more_than_the_limit_waits_to_be_released(store):
    with store.session(write=True), store.context(quiet=True):
        store.insert_many("customer", [{"number": n, "birthday": date(1970, 3, n)} for n in range(1, 6)])
        store.set_switch("pause:", "on", "", MORNING)
    sections = shipped_sections()
    rule = {"label": "R", "for": "customer", "purpose": "internal", "date": "every year on birthday", "limit": "3 per run", "do": {"b": {"tag": "stammkunde"}}}
    sections["rules"] = {"site.r": rule}
    setting = compile_sections(sections).over(store)
    for day in range(1, 6):
        tick(setting, datetime(2024, 3, day, 9))
    assert [row[1:3] for row in held.held_counts(store)] == [("paused", 5)]
    with store.session(write=True):
        store.set_switch("pause:", None, "", MORNING)
    tick(setting, datetime(2024, 3, 6, 9))
    assert [row[1:3] for row in held.held_counts(store)] == [("5 due, limit 3 per run", 5)]
    assert held.release(setting, "site.r", datetime(2024, 3, 6, 10)).total("done") == 5


def test_a_level_stays_as_it_is_while_it_is_paused(store):
    with store.session(write=True), store.context(quiet=True):
        anna = store.insert_many("customer", [{"number": 1, "moved": True}])[0]
    sections = shipped_sections()
    sections["rules"] = {"site.r": {"label": "R", "for": "customer", "purpose": "internal", "while": [{"moved": True}], "do": {"b": {"tag": "stammkunde"}}}}
    setting = compile_sections(sections).over(store)
    tick(setting, MORNING)
    with store.session(write=True):
        store.set_switch("pause:site.r", "on", "", MORNING)
        store.update_many("customer", [{"id": anna, "moved": False}])
    tick(setting, MORNING + timedelta(days=1))
    assert store.rows("SELECT taken_back_on FROM tag", [])[0][0] is None
    with store.session(write=True):
        store.set_switch("pause:site.r", None, "", MORNING)
    tick(setting, MORNING + timedelta(days=2))
    assert store.rows("SELECT taken_back_on FROM tag", [])[0][0] is not None


@pytest.mark.parametrize(("again", "times"), [("never", 1), ({"at_most": 2}, 2), ({"not_before": "3 months"}, 1), (None, 3)])
def test_again_counts_what_comes_at_once(store, again, times):
    sections = shipped_sections()
    rule = {"label": "R", "for": "customer", "purpose": "internal", "on": "customer.mail_returned", "do": {"b": {"history": {"action": "mailing"}}}}
    sections["rules"] = {"site.r": rule | ({"again": again} if again else {})}
    setting = compile_sections(sections).over(store)
    with store.session(write=True):
        anna = store.insert_many("customer", [{"number": 1}])[0]
        told = {"name": "customer.mail_returned", "subject_entity": "customer", "subject_id": anna, "happened_at": MORNING, "recorded_at": MORNING}
        store.insert_many("event", [told] * 3)
    tick(setting, MORNING)
    assert store.rows("SELECT COUNT(*) FROM history_entry", [])[0][0] == times


def test_a_limit_counts_the_rounds_of_a_run_together(store):
    sections = shipped_sections()
    sections["events"] = {**sections["events"], "site.told": {"entity": "customer", "label": "T"}}
    first = {"label": "A", "for": "customer", "purpose": "internal", "on": "customer.mail_returned", "do": {"b": {"event": "site.told"}}}
    rule = {"label": "R", "for": "customer", "purpose": "internal", "on": "site.told", "limit": "3 per run", "do": {"b": {"history": {"action": "mailing"}}}}
    sections["rules"] = {"site.a": first, "site.r": rule}
    setting = compile_sections(sections).over(store)
    with store.session(write=True):
        rows = store.insert_many("customer", [{"number": n} for n in (1, 2)])
        store.insert_many("customer", [{"number": n, "mail_returned_on": date(2024, 2, 28)} for n in (3, 4)])
        told = {"name": "site.told", "subject_entity": "customer", "happened_at": MORNING, "recorded_at": MORNING}
        store.insert_many("event", [{**told, "subject_id": row} for row in rows])
    tick(setting, MORNING)
    assert [row[1:3] for row in held.held_counts(store)] == [("4 due, limit 3 per run", 2)]
    assert store.rows("SELECT COUNT(*) FROM history_entry", [])[0][0] == 2


def test_a_date_that_another_rule_sets_is_seen_in_the_same_tick(store):
    _, ana, branch = people(store)
    sections = shipped_sections()
    checked = {"label": "A", "for": "customer", "purpose": "internal", "when": [{"moved": True}], "at_start": "act"}
    sections["rules"] = {
        "site.a": checked | {"do": {"s": {"set": {"address_checked_on": "today"}}}},
        "site.r": {"label": "R", "for": "delivery", "purpose": "internal", "date": "customer.address_checked_on", "do": {"t": {"tag": "stammkunde"}}},
    }
    setting = compile_sections(sections).over(store)
    customer, _ = delivered(store, ana, branch, date(2021, 6, 30))
    with store.session(write=True):
        store.update_many("customer", [{"id": customer, "moved": True}])
    tick(setting, MORNING)
    assert [tuple(row) for row in store.rows("SELECT kind, customer FROM tag", [])] == [("stammkunde", customer)]


def moved_customers(store, condition):
    sections = shipped_sections()
    rule = {"label": "R", "for": "customer", "purpose": "internal", "when": condition, "do": {"t": {"tag": "stammkunde"}}}
    sections["rules"] = {"site.r": rule} if condition else {}
    return compile_sections(sections).over(store)


def test_an_edited_condition_holds_those_for_whom_it_is_true_already(store):
    with store.session(write=True), store.context(quiet=True):
        made = store.insert_many("customer", [{"number": n, "deceased": n == 9} for n in range(1, 10)])
    tick(moved_customers(store, [{"deceased": True}]), MORNING)
    assert [row[2] for row in held.held_counts(store)] == [1]
    edited = moved_customers(store, [{"deceased": False}])
    tick(edited, MORNING + timedelta(hours=1))
    assert [row[2] for row in held.held_counts(store)] == [9]
    with store.session(write=True):
        store.update_many("customer", [{"id": made[8], "deceased": False}])
    tick(edited, MORNING + timedelta(hours=2))
    assert [tuple(row) for row in store.rows("SELECT customer, kind FROM tag", [])] == [(made[8], "stammkunde")]


def test_a_rule_off_for_a_tick_and_on_again_holds_what_became_true_meanwhile(store):
    with store.session(write=True), store.context(quiet=True):
        made = store.insert_many("customer", [{"number": n, "moved": False} for n in range(1, 4)])
    on, off = moved_customers(store, [{"moved": True}]), moved_customers(store, [])
    tick(on, MORNING)
    tick(off, MORNING + timedelta(hours=1))
    with store.session(write=True):
        store.update_many("customer", [{"id": row, "moved": True} for row in made[:2]])
    tick(on, MORNING + timedelta(hours=2))
    assert [row[2] for row in held.held_counts(store)] == [2]
    with store.session(write=True):
        store.update_many("customer", [{"id": made[2], "moved": True}])
    tick(on, MORNING + timedelta(hours=3))
    assert store.rows("SELECT customer FROM tag", [])[0][0] == made[2]


def test_a_first_run_killed_at_its_end_is_the_first_again(store, monkeypatch):
    with store.session(write=True), store.context(quiet=True):
        made = store.insert_many("customer", [{"number": n, "moved": True} for n in range(1, 4)])
    setting = moved_customers(store, [{"moved": True}])

    def killed(*_):
        raise Killed

    monkeypatch.setattr("engine.running.tick._finish", killed)
    with pytest.raises(Killed):
        tick(setting, MORNING)
    monkeypatch.undo()
    with store.session(write=True), store.context(quiet=True):
        store.insert_many("customer", [{"number": 4, "moved": True}])
    tick(setting, MORNING)
    assert [row[2] for row in held.held_counts(store)] == [len(made) + 1]


def site_of(store, rules, **events):
    sections = shipped_sections()
    sections["events"] = {**sections["events"], **events}
    sections["rules"] = {name: {"label": "R", "for": "customer", "purpose": "internal", **rule} for name, rule in rules.items()}
    compiled = compile_sections(sections)
    return compiled.over(store)


def told(name, subject, depth=0, at=MORNING):
    return {"name": name, "subject_entity": "customer", "subject_id": subject, "happened_at": at, "recorded_at": at, "depth": depth}


def test_a_chain_that_is_cut_cuts_nobody_else_and_says_which_rule_and_event(store):
    rules = {
        "site.a": {"on": "site.one", "do": {"b": {"set": {"household_size": 3}}}},
        "site.b": {"on": "site.two", "do": {"b": {"history": {"action": "mailing"}}}},
    }
    two = {"entity": "customer", "label": "T", "when": {"household_size": "changes"}}
    setting = site_of(store, rules, **{"site.one": {"entity": "customer", "label": "T"}, "site.two": two})
    with store.session(write=True):
        anna, bert = store.insert_many("customer", [{"number": 1}, {"number": 2}])
        store.insert_many("event", [told("site.one", anna, 8), told("site.one", bert)])
    tick(setting, MORNING)
    assert [row[0] for row in store.rows("SELECT customer FROM history_entry", [])] == [bert]
    cut = store.rows("SELECT definition, subject_entity, subject_id, reason FROM decision WHERE verdict = 'failed'", [])
    assert [tuple(row) for row in cut] == [("site.a", "customer", anna, "a chain of causes deeper than 8 was cut at site.two")]


def statuses(store):
    return [tuple(row) for row in store.rows("SELECT occurrence, status FROM occurrence ORDER BY id", [])]


def test_what_failed_for_a_level_is_not_tried_once_it_no_longer_holds(store, monkeypatch):
    setting = site_of(store, {"site.r": {"while": [{"moved": True}], "do": {"b": {"tag": "stammkunde"}}}})
    with store.session(write=True):
        anna = store.insert_many("customer", [{"number": 1, "moved": True}])[0]

    def broken(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(EFFECTS["tag"], "apply", broken)
    tick(setting, MORNING)
    assert statuses(store) == [("episode 1", "failed")]
    monkeypatch.undo()
    with store.session(write=True):
        store.update_many("customer", [{"id": anna, "moved": False}])
    for hours in (1, 2):
        tick(setting, MORNING + timedelta(hours=hours))
    assert statuses(store) == [("episode 1", "discarded")]
    assert store.rows("SELECT COUNT(*) FROM tag", [])[0][0] == 0


def test_a_level_taken_back_drops_what_failed_for_it(store, monkeypatch):
    setting = site_of(store, {"site.r": {"while": [{"moved": True}], "do": {"b": {"tag": "stammkunde"}}}})
    with store.session(write=True):
        anna = store.insert_many("customer", [{"number": 1, "moved": True}])[0]
    tick(setting, MORNING)
    with store.session(write=True):
        store.run("UPDATE occurrence SET status = 'failed', attempts = 3", [])
        store.update_many("customer", [{"id": anna, "moved": False}])
    tick(setting, MORNING + timedelta(hours=1))
    assert statuses(store) == [("episode 1", "discarded")]


def test_what_is_held_is_released_only_for_whom_it_still_holds(store):
    setting = site_of(store, {"site.r": {"when": [{"moved": True}], "do": {"b": {"tag": "stammkunde"}}}})
    with store.session(write=True), store.context(quiet=True):
        anna, bert, _ = store.insert_many("customer", [{"number": n, "moved": True} for n in (1, 2, 3)])
    tick(setting, MORNING)
    with store.session(write=True):
        store.update_many("customer", [{"id": anna, "moved": False}, {"id": bert, "moved": False}])
    tick(setting, MORNING + timedelta(hours=1))
    with store.session(write=True):
        store.update_many("customer", [{"id": bert, "moved": True}])
    tick(setting, MORNING + timedelta(hours=2))
    tally = held.release(setting, "site.r", MORNING + timedelta(hours=3))
    assert (tally.total("done"), tally.total("discarded")) == (1, 2)
    assert statuses(store) == [("episode 1", "discarded"), ("episode 1", "discarded"), ("episode 1", "done"), ("episode 2", "done")]


def test_what_falls_away_is_asked_of_the_database_and_a_deleted_subject_falls_away_too(store, monkeypatch):
    setting = site_of(store, {"site.r": {"while": [{"moved": True}], "do": {"b": {"tag": "stammkunde"}}}})
    with store.session(write=True):
        people = store.insert_many("customer", [{"number": n, "moved": True} for n in range(30)])
    tick(setting, MORNING)
    sizes = []
    real = store.rows
    monkeypatch.setattr(store, "rows", lambda sql, args: sizes.append(len(found := real(sql, args))) or found)
    rule = next(rule for rule in setting.rules if rule.id == "site.r")
    scene = setting.whole(rule, MORNING, None)
    assert candidates.gone([(rule, scene)]) == []
    with store.session(write=True):
        store.update_many("customer", [{"id": people[3], "moved": False}])
        store.run("DELETE FROM tag WHERE customer = ?", [people[5]])
        store.run("DELETE FROM customer WHERE id = ?", [people[5]])
    assert candidates.gone([(rule, scene)]) == [people[3], people[5]]
    assert max(sizes) <= 1
