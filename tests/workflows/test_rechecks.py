"""A quiet tick looks only at cases whose records changed since the last finished one; nothing may fall through that."""

from datetime import date

import pytest

from engine.running import tick as ticking
from tests.workflows.play import Play

UNSIGNED = """
workflows:
  w:
    label: W
    for: opportunity
    purpose: internal
    start: {on: opportunity.recorded}
    steps:
      work: {activity: gift, only_while: [{contracts: {no: [{signed_on: {missing: false}}]}}], else: {next: over}, outcomes: {given: {next: over}}}
      over: {end: over}
"""
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
    with play.store.session(write=True):
        play.store.set_switch("pause:w", "on", "", play.now)
    sign(play)
    play.tick(hours=1)
    assert play.open_work() == ["gift"]
    with play.store.session(write=True):
        play.store.set_switch("pause:w", None, "", play.now)
    play.tick(hours=1)
    assert (play.open_work(), play.cases()) == ([], [("done", "over")])


def test_what_time_alone_changes_is_seen():
    play = begun(BY_TIME, closed_on=date(2026, 11, 4))
    play.tick(days=1)
    assert play.open_work() == ["gift"]
    play.tick(days=3)
    assert (play.open_work(), play.cases()) == ([], [("done", "over")])
