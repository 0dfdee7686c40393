"""What was agreed in a workflow within another one reaches the step that comes after it, however deep it lies."""

from datetime import timedelta

import pytest

from engine.language.findings import RegelwerkError
from tests.workflows.play import MONDAY, Play

AGREED = MONDAY + timedelta(days=3, hours=5)
CALLS = """
workflows:
  calls: {label: C, for: opportunity, purpose: service, ground: opportunity.requested_contact, steps: {
    call: {activity: phone_call, outcomes: {agreed: {next: drive}, quietly: {next: rest}, again: {tries: [1 day], else: {next: drive}}}},
    rest: {wait: {for: 1 hour}, next: drive}, drive: {end: agreed}}}
"""
BETWEEN = "  between: {label: B, for: opportunity, purpose: service, ground: opportunity.requested_contact, steps: {ask: {workflow: calls, outcomes: {agreed: {next: over}}}, over: {end: good}}}\n"
OUTER = """
  outer:
    label: O
    for: opportunity
    purpose: service
    ground: opportunity.requested_contact
    start: {on: opportunity.recorded}
    steps:
      inside: INSIDE
      over: {end: over}
"""
DRIVE = "\n      drive: {activity: test_drive, appointment: ask, outcomes: {taken: {next: over}}}"


def begun(inside, between="", store=None):
    play = Play(CALLS + between + OUTER.replace("INSIDE", inside), store)
    play.opportunity()
    play.tick(minutes=1)
    assert (play.incidents(), play.open_work()) == ([], ["phone_call"])
    return play


def drives(play):
    assert play.incidents() == []
    return [(row[0], str(row[1])[:16] if row[1] else None) for row in play.rows("SELECT follows, appointment_at FROM activity WHERE kind = 'test_drive'")]


WAYS = [
    ("{workflow: calls, outcomes: {agreed: {next: drive}}}", ""),
    ("{workflow: calls, next: drive}", ""),
    ("{workflow: calls, outcomes: {other: {next: over}}, else: {next: drive}}", ""),
    ("{workflow: between, outcomes: {good: {next: drive}}}", BETWEEN),
]


@pytest.mark.req("S1.17", "S1.18")
@pytest.mark.parametrize(("inside", "between"), WAYS)
def test_what_is_agreed_within_is_asked_for_and_handed_on(inside, between, store):
    play = begun(inside + DRIVE, between, store)
    with pytest.raises(RegelwerkError, match="drive needs an appointment"):
        play.done("phone_call", "agreed")
    call = play.done("phone_call", "agreed", appointment=AGREED)
    play.tick(minutes=1)
    assert drives(play) == [(call, "2026-11-05 13:00")]


def test_what_puts_the_work_off_asks_for_nothing():
    play = begun(WAYS[0][0] + DRIVE)
    play.done("phone_call", "again")
    assert play.open_work() == ["phone_call"]


def test_what_a_wait_lies_between_is_neither_asked_for_nor_handed_on():
    play = begun(WAYS[0][0] + DRIVE)
    play.done("phone_call", "quietly", appointment=AGREED)
    play.tick(hours=2)
    assert drives(play) == [(None, None)]


def test_what_nobody_waits_for_asks_for_nothing():
    play = begun("{workflow: calls, detached: true, next: over}")
    play.done("phone_call", "agreed")
    play.tick(minutes=1)
    assert play.cases() == [("done", "over"), ("done", "agreed")]


def test_work_after_a_workflow_follows_the_work_in_it():
    play = begun("{workflow: calls, outcomes: {agreed: {next: gift}}}\n      gift: {activity: gift, next: over}")
    call = play.done("phone_call", "agreed")
    play.tick(minutes=1)
    assert play.rows("SELECT follows FROM activity WHERE kind = 'gift'") == [(call,)]
