"""What workflow.md §2 promises, on SQLite and on PostgreSQL, and two processes that act on one case at once."""

import threading
from datetime import timedelta

import pytest

from engine.language.findings import RegelwerkError
from engine.running import hands
from engine.running.cases import admin
from engine.store.store import Store
from tests.workflows.play import Play, compiled
from tests.workflows.test_semantics import COMES, THREE
from tests.workflows.test_versions import text

MANY = """
both:
  branches:
    x: {wait: {came: {event: offer.sent}, late: {for: 2 days}}}
    y: {activity: call, due: 2 days, assign: [owner], remind: on the day, escalate: {after: 1 day, to: sales_manager}, deadline: {after: 3 days}, outcomes: {reached: {}, no_answer: {tries: [4 hours]}, given_up: {}}}
  join: all
  next: drive
drive: {activity: a, slot: vehicle, only_while: [{status: open}], else: {next: other}, next: over}
other: {activity: b, next: over}
over: {end: over}
"""


def begun(steps, store, number=1, **values):
    play = Play(text(steps), store)
    play.add("vehicle", vin="DEMO")
    for one in range(1, number + 1):
        play.opportunity(f"O{one}", vehicle=1, **values)
    play.tick(minutes=1)
    assert play.incidents() == []
    return play


def test_branches_times_slots_and_milestones(store):
    play = begun(MANY, store, number=3)
    COMES["offer"](play)
    with store.session(write=True):
        for activity in (1, 2):
            hands.complete(play.setting, activity, "no_answer", play.now)
    play.tick(hours=1)
    assert play.open_work() == ["call"] * 3
    with store.session(write=True):
        for activity in (4, 5):
            hands.complete(play.setting, activity, "reached", play.now)
    play.tick(days=2)
    assert play.open_work() == ["call", "a"], "the first drives, the second waits for the car, the third is not reached"
    assert play.rows("SELECT COUNT(*) FROM reminder") == [(1,)]
    play.change("opportunity", 2, status="lost")
    play.tick(days=5)
    assert play.open_work() == ["a", "b"], "the third was withdrawn and waits for the car"
    play.done("a", "done")
    play.tick(hours=1)
    assert play.rows("SELECT instance FROM token WHERE step = 'drive' AND status = 'open'") == [(3,)]
    play.done("a", "done")
    play.done("b", "done")
    assert play.cases() == [("done", "over")] * 3
    assert (play.open_work(), play.armed(), play.incidents()) == ([], [], [])


def test_events_join_and_count_once(store):
    play = begun(THREE, store)
    for name in ("trade_in", "offer", "contract"):
        assert play.open_work() == []
        COMES[name](play)
        play.tick(hours=1)
        with store.session(write=True):
            store.run("UPDATE event SET taken = ?", [False])
        play.tick(hours=1)
    assert (play.open_work(), play.steps()) == (["a"], ["work"])


def test_one_broken_case_is_set_aside_and_taken_up_again(store):
    play = begun("pause: {wait: {for: 1 day}, next: work}\nwork: {activity: a}", store, number=20)
    with store.session(write=True):
        store.run("UPDATE token SET step = 'gone' WHERE instance = 7", [])
    play.tick(days=2)
    assert (len(play.open_work()), play.incidents()) == (19, ["there is no step 'gone'"])
    with store.session(write=True):
        store.run("UPDATE token SET step = 'pause' WHERE instance = 7", [])
        assert admin.retry(play.setting, 1, play.now) == "running"
    assert (len(play.open_work()), play.incidents()) == (20, [])


@pytest.mark.parametrize("first", ["complete", "cancel"])
def test_work_is_completed_or_cancelled_never_both(pg_dsn, first):
    """Two processes on one database at once: whoever is second is told so."""
    made = compiled(text("work: {activity: a, outcomes: {done: {next: two}, cancelled: {}}}\ntwo: {activity: b}"))
    one = Store.open(pg_dsn, create=True)
    play = Play(made, one)
    for number in range(20):
        play.opportunity(f"O{number}")
    play.tick(minutes=1)
    activities = [row[0] for row in play.rows("SELECT id FROM activity ORDER BY id")]
    won = {"complete": set(), "cancel": set()}
    together = threading.Barrier(2)

    def act(what):
        store = Store.open(pg_dsn)
        setting = made.over(store)
        try:
            for activity in activities:
                together.wait(20)
                try:
                    with store.session(write=True):
                        if what == "complete":
                            hands.complete(setting, activity, "done", play.now)
                        else:
                            hands.cancel(setting, activity, "not wanted", play.now)
                    won[what].add(activity)
                except RegelwerkError:
                    continue
        finally:
            store.close()

    threads = [threading.Thread(target=act, args=(what,)) for what in sorted(won, reverse=first == "cancel")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert won["complete"] | won["cancel"] == set(activities)
    assert won["complete"] & won["cancel"] == set()
    play.now += timedelta(hours=1)
    play.tick()
    assert play.rows("SELECT COUNT(*) FROM activity WHERE kind = 'b'") == [(len(won["complete"]),)]
    assert play.incidents() == []
    one.close()
