"""A quiet tick looks only at cases whose records changed since the last finished one; nothing may fall through that."""

from datetime import date, datetime

import pytest

from engine.effects import EFFECTS
from engine.running import tick as ticking
from engine.running.cases import admin
from tests.workflows.play import Play, flow_text

UNSIGNED = flow_text("""
work: {activity: gift, only_while: [{contracts: {no: [{signed_on: {missing: false}}]}}], else: {next: over}, outcomes: {given: {next: over}}}
over: {end: over}
""")
BY_TIME = UNSIGNED.replace("[{contracts: {no: [{signed_on: {missing: false}}]}}]", "[{closed_on: {on_or_after: today}}]")


class Killed(BaseException):
    pass


def begun(text, **values):
    play = Play(text)
    play.opportunity(**values)
    play.tick(hours=1)
    play.tick(hours=1)
    assert play.open_work() == ["gift"]
    return play


def sign(play):
    play.add("contract", number="V", customer=1, opportunity=1, signed_on=play.now.date())


def test_a_change_of_a_related_record_is_seen():
    play = begun(UNSIGNED)
    sign(play)
    play.tick(hours=1)
    assert (play.open_work(), play.cases()) == ([], [("done", "over")])


def test_a_change_claimed_by_a_run_that_was_killed_is_seen_by_the_next(monkeypatch):
    play = begun(UNSIGNED)
    sign(play)

    def dies(*_):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(ticking, "run_cases", dies)
        with pytest.raises(Killed):
            play.tick(hours=1)
    play.tick(hours=1)
    assert (play.open_work(), play.cases()) == ([], [("done", "over")])


def test_a_change_during_a_pause_is_seen_afterwards():
    play = begun(UNSIGNED)
    play.pause("case")
    sign(play)
    play.tick(hours=1)
    assert play.open_work() == ["gift"]
    play.resume("case")
    play.tick(hours=1)
    assert (play.open_work(), play.cases()) == ([], [("done", "over")])


def test_what_time_alone_changes_is_seen():
    play = begun(BY_TIME, closed_on=date(2026, 11, 4))
    play.tick(days=1)
    assert play.open_work() == ["gift"]
    play.tick(days=3)
    assert (play.open_work(), play.cases()) == ([], [("done", "over")])


# -- retries --------------------------------------------------------------------------------------------------------


def set_aside(play, step="work"):
    """The case fails at its reminder and is parked."""
    with play.store.session(write=True):
        play.store.run("UPDATE token SET step = 'gone' WHERE step = ?", [step])
    play.tick(days=2)
    assert play.incidents() == ["there is no step 'gone'"]


def mended(play, step="work"):
    with play.store.session(write=True):
        play.store.run("UPDATE token SET step = ? WHERE step = 'gone'", [step])


def retried(play, incident=1):
    with play.store.session(write=True):
        return admin.retry(play.setting, incident, play.now)


REMINDING = UNSIGNED.replace("activity: gift,", "activity: gift, due: in 1 day, remind: on the day,")


def test_a_change_while_a_case_was_set_aside_is_seen_once_it_is_taken_up_again():
    play = begun(REMINDING)
    set_aside(play)
    sign(play)
    play.tick(hours=1)
    play.tick(hours=1)
    mended(play)
    assert retried(play) == "running"
    play.tick(hours=1)
    assert (play.open_work(), play.cases(), play.incidents()) == ([], [("done", "over")], [])


def test_a_case_taken_up_again_while_a_tick_runs_is_looked_at_by_the_next(monkeypatch):
    """The tick claimed the change when the case was still set aside; it must not say that all were looked at."""
    play = begun(REMINDING)
    set_aside(play)
    sign(play)
    finish = ticking._finish

    def taken_up_meanwhile(*arguments):
        mended(play)
        assert retried(play) == "running"
        finish(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(ticking, "_finish", taken_up_meanwhile)
        play.tick(hours=1)
    assert play.open_work() == ["gift"]
    play.tick(hours=1)
    assert (play.open_work(), play.cases()) == ([], [("done", "over")])


def test_a_look_again_that_failed_is_made_again_after_the_retry():
    play = begun(UNSIGNED.replace("over: {end: over}", "over: {activity: greeting}"))
    sign(play)
    real = EFFECTS["activity"].apply
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(EFFECTS["activity"], "apply", broken)
        play.tick(hours=1)
        assert (len(play.incidents()), play.open_work()) == (1, ["gift"])
        play.tick(hours=1)
    assert EFFECTS["activity"].apply == real
    assert retried(play) == "running"
    play.tick(hours=1)
    assert (play.open_work(), play.incidents()) == (["greeting"], [])


def broken(*_):
    raise ZeroDivisionError


CLOSING = """
rules:
  closes:
    label: Closes
    for: opportunity
    purpose: internal
    on: opportunity.won
    do: {day: {set: {closed_on: 2026-10-01}}}
"""


def test_what_an_effect_changes_that_succeeds_at_its_second_try_is_seen(monkeypatch):
    play = begun(BY_TIME + CLOSING, closed_on=date(2026, 12, 24))
    play.change("opportunity", 1, status="won")
    with monkeypatch.context() as patched:
        patched.setattr(EFFECTS["set"], "apply", broken)
        play.tick(hours=1)
    assert play.rows("SELECT status FROM occurrence WHERE definition = 'closes'") == [("failed",)]
    assert play.open_work() == ["gift"]
    play.tick(hours=1)
    assert play.rows("SELECT status FROM occurrence WHERE definition = 'closes'") == [("done",)]
    assert (play.open_work(), play.cases()) == ([], [("done", "over")])


REMINDED = flow_text("""
both: {branches: {work: {activity: gift, due: in 5 days, remind: on the day}, side: {activity: greeting, due: in 1 day, remind: on the day}}}
""")


def test_work_moved_while_its_case_was_set_aside_is_reminded_of_on_its_new_day():
    play = Play(REMINDED)
    play.opportunity()
    play.tick(hours=1)
    set_aside(play, "both.side")
    (work,) = play.rows("SELECT id, due_at FROM activity WHERE kind = 'gift'")
    play.change("activity", work[0], due_on=date(2026, 11, 20), due_at=datetime(2026, 11, 20, 8))
    play.tick(days=4)
    mended(play, "both.side")
    assert retried(play) == "running"
    assert play.rows("SELECT substr(due_at, 1, 10) FROM timer WHERE status = 'armed'") == [("2026-11-20",)]
    play.tick(hours=1)
    assert play.rows("SELECT a.kind FROM reminder r JOIN activity a ON a.id = r.activity") == [("greeting",)]
