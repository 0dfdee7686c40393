import pytest

from engine.planning.workflows import sound
from engine.planning.workflows.sound import unsound
from engine.planning.workflows.step_names import places_of
from tests.workflows.play import compiled

HEAD = "workflows: {w: {label: x, for: opportunity, purpose: internal, start: {on: opportunity.recorded}, steps: {"


def findings(steps, head=HEAD):
    made = compiled(head + steps + "}}}")
    assert not made.problems, made.problems
    (flow,) = made.flows
    return [(problem.code, problem.where[-1], problem.message) for problem in unsound(flow, places_of(flow.data))]


def test_a_sound_one():
    assert findings("a: {activity: resubmission, outcomes: {done: {next: b}}}, b: {wait: {for: 5 days}, next: c}, c: {end: over}") == []


@pytest.mark.parametrize(
    ("steps", "code", "step", "said"),
    [
        ("a: {end: over}, b: {end: other}", "flow-unreachable", "b", "nothing leads to 'b'"),
        (
            "a: {activity: resubmission, outcomes: {done: {next: b}}}, b: {activity: gift, outcomes: {given: {next: a}}}",
            "flow-loop",
            "a",
            "(start > a: done > b: given)",
        ),
        ("a: {wait: {event: opportunity.won}, next: b}, b: {end: over}", "flow-waits-for-event", "a", "(start)"),
        (
            "a: {wait: {soon: {for: 1 day, next: b}, late: {for: 2 days, next: b}}}, b: {end: over}",
            "flow-timer-never",
            "a",
            "'late' can never come",
        ),
        (
            "a: {activity: resubmission, deadline: {after: 1 day, next: b}, escalate: {after: 3 days, to: sales_manager}, outcomes: {done: {next: b}}}, b: {end: over}",
            "flow-timer-never",
            "a",
            "'escalate' can never come",
        ),
        ("a: {decide: {x: {where: [{status: lost}], next: a}, else: {next: b}}}, b: {end: over}", "flow-breaks", "a", "200 steps"),
    ],
)
def test_what_is_found(steps, code, step, said):
    found = [one for one in findings(steps) if one[0] == code]
    assert found, findings(steps)
    assert found[0][1] == step
    assert said in found[0][2]


def test_an_event_wait_inside_a_join():
    steps = "a: {branches: {x: {activity: resubmission, outcomes: {done: {}}}, y: {wait: {event: opportunity.won}}}, join: all, next: b}, b: {end: over}"
    (found,) = findings(steps)
    assert (found[0], "a.x: done" in found[2]) == ("flow-waits-for-event", True)


def test_a_limited_loop_is_sound():
    steps = "a: {activity: resubmission, at_most: 3, else: {next: c}, outcomes: {done: {next: b}}}, b: {activity: gift, outcomes: {given: {next: a}}}, c: {end: over}"
    assert findings(steps) == []


TWO = "a: {branches: {x: {activity: resubmission, outcomes: {done: {next: %s}}}, y: {activity: gift, outcomes: {given: {next: %s}}}}, join: all, next: c}"


def test_pattern_8_is_refused():
    (found,) = findings(TWO % ("b", "b") + ", b: {activity: greeting, outcomes: {done: {next: c}}}, c: {end: over}")
    assert found[0] == "flow-multi-merge"
    assert "pattern 8" in found[2]


def test_pattern_17_is_refused():
    steps = "a: {branches: {x: {activity: resubmission, slot: vehicle, outcomes: {done: {}}}, y: {activity: gift, slot: vehicle, outcomes: {given: {}}}}, next: c}, c: {end: over}"
    (found,) = findings(steps)
    assert (found[0], "pattern 17" in found[2]) == ("flow-interleaved", True)


def test_pattern_38_is_refused():
    steps = "z: {activity: greeting, outcomes: {done: {next: a}}}, a: {branches: {x: {activity: resubmission, outcomes: {done: {next: z}}}, y: {activity: gift, outcomes: {given: {}}}}, next: c}, c: {end: over}"
    (found,) = findings(steps)
    assert (found[0], "pattern 38" in found[2]) == ("flow-general-merge", True)


def test_an_outcome_that_leads_nowhere():
    (found,) = findings("a: {activity: gift, outcomes: {given: {next: c}, never: {}}}, c: {end: over}")
    assert (found[0], "a: never" in found[2]) == ("flow-leads-nowhere", True)


def test_a_course_is_tried_once(monkeypatch):
    flow = compiled(HEAD + "only_here: {activity: resubmission, outcomes: {done: {next: c}}}, c: {end: over}}}}").flows[0]
    tried = []
    real = sound.explore
    monkeypatch.setattr(sound, "explore", lambda one: tried.append(one.id) or real(one))
    first, second = (sound.unsound(flow, places_of(flow.data)) for _ in range(2))
    assert (first, second, tried) == ([], [], [flow.id])
