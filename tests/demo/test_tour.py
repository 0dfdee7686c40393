"""The demo's tour shows the cases there are."""

from datetime import date
from types import SimpleNamespace

from engine.demo.tour import tour
from tests.workflows.play import Play

FLOW = """
workflows:
  sale:
    label: Verkauf
    for: opportunity
    purpose: internal
    start: {on: opportunity.recorded}
    steps: {call: {activity: resubmission, outcomes: {done: {next: gift}}}, gift: {activity: gift}}
"""


def test_the_case_that_went_furthest_and_the_fullest_pipeline():
    play = Play(FLOW)
    shown = SimpleNamespace(setting=play.setting)
    assert ["workflow", "list"] not in tour(shown, date(2026, 11, 2))
    play.opportunity("O1")
    play.opportunity("O2")
    play.tick(hours=1)
    play.done("resubmission", "done")
    commands = tour(shown, date(2026, 11, 2))
    at = commands.index(["workflow", "list"])
    assert commands[at : at + 3] == [["workflow", "list"], ["workflow", "show", "1"], ["graph", "sale"]]
