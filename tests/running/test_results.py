"""Results per version of rules and workflows, on both databases: the closed loop (S1.7, S1.9)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.running import hands
from engine.running.held import release
from engine.running.results.periods import Length, Measured
from engine.running.results.versions import differences, versions
from tests.workflows.play import Play, compiled

RULE = """
rules:
  site.call:
    label: {label}
    for: opportunity
    purpose: internal
    on: opportunity.recorded
    where: [{{status: open}}]
    do:
      work: {{activity: after_sales, due: {due}, assign: [owner]}}
      mark: {{tag: stammkunde, to: customer}}
"""
FLOW = """
workflows:
  site.sell:
    label: Sell
    for: opportunity
    purpose: internal
    start: {on: opportunity.recorded}
    first: call
    steps:
      call: {activity: after_sales, due: DUE, assign: [owner], outcomes: {done: {next: rest}, no_answer: {next: lost}}}
      rest: {wait: {for: 2 days}, next: won}
      won: {end: won}
      lost: {end: lost}
"""


def edit(play, text):
    play.setting = compiled(text).over(play.store, play.setting.calendar)
    play.tick(minutes=1)


def of(play, definition, **period):
    return versions(Measured(play.store, definition, **period))


@pytest.mark.req("S1.9")
def test_a_rule_s_versions_stand_side_by_side(store):
    play = Play(RULE.format(label="Anruf", due="1 day"), store)
    first = play.now
    play.opportunity("O1")
    play.opportunity("O2")
    play.tick(hours=1)
    play.done("after_sales", "done")
    edit(play, RULE.format(label="Anderer Name", due="1 day"))
    assert len(of(play, "site.call")) == 1, "a label alone makes no version"
    edit(play, RULE.format(label="Anruf", due="3 days"))
    play.opportunity("O3")
    play.tick(hours=1)
    new, old = of(play, "site.call")
    assert (old.acts.occurrences, old.acts.statuses, old.acts.activities) == (2, {"done": 4}, {"after_sales": {"done": 1, "open": 1}})
    assert (new.acts.occurrences, new.acts.activities) == (1, {"after_sales": {"open": 1}})
    assert new.changed == ["do.work.due: 1 day -> 3 days"]
    assert (old.until, new.until) == (new.since, None)
    assert str(old.since).startswith(str(first)[:16])
    assert play.rows("SELECT DISTINCT version FROM occurrence ORDER BY version") == [(old.number,), (new.number,)]


@pytest.mark.req("S1.9")
def test_an_edit_taken_back_is_the_old_version_in_force_again(store):
    texts = [RULE.format(label="x", due=due) for due in ("1 day", "2 days")]
    play = Play(texts[0], store)
    edit(play, texts[1])
    play.now += timedelta(days=3)
    edit(play, texts[0])
    newest, other = of(play, "site.call")
    assert (newest.until, other.until) == (None, newest.since)
    assert play.rows("SELECT COUNT(*) FROM definition_version WHERE definition = 'site.call'") == [(2,)]
    play.setting = replace(play.setting, rules=[], declared=frozenset())
    play.tick(days=1)
    assert play.rows("SELECT COUNT(*) FROM definition_version WHERE definition = 'site.call' AND until_at IS NULL") == [(0,)]


@pytest.mark.req("S1.7", "S1.9")
def test_a_workflow_s_steps_outcomes_and_times(store):
    play = Play(FLOW.replace("DUE", "1 day"), store)
    for number in range(3):
        play.opportunity(f"O{number}")
    play.tick(minutes=1)
    play.done("after_sales", "done", days=1)
    play.done("after_sales", "no_answer", days=1)
    play.tick(days=1)
    edit(play, FLOW.replace("DUE", "2 days"))
    play.opportunity("O9")
    play.tick(hours=1)
    new, old = of(play, "site.sell")
    assert (old.cases.begun, old.cases.running, old.cases.ended) == (3, 1, {"lost": 1, "won": 1})
    assert (list(old.cases.steps)[0], set(old.cases.steps)) == ("call", {"call", "rest", "won", "lost"})
    call = old.cases.steps["call"]
    assert (call.reached, call.open, call.outcomes, call.length) == (3, 1, {"done": 1, "no_answer": 1}, Length(1.5, 1.5))
    assert old.cases.steps["rest"].length.mean == pytest.approx(2, abs=0.01)
    assert (new.cases.begun, new.cases.running, new.cases.ended) == (1, 1, {})
    assert new.changed == ["steps.call.due: 1 day -> 2 days"]
    assert old.acts.activities == {"after_sales": {"done": 1, "no_answer": 1, "open": 1}}, "a case's work is of its version"


def test_only_what_began_in_a_period_is_measured(store):
    play = Play(FLOW.replace("DUE", "1 day"), store)
    play.opportunity("O1")
    play.tick(hours=1)
    between = play.now + timedelta(days=2)
    play.opportunity("O2")
    play.tick(days=4)
    (early,), (late,) = of(play, "site.sell", until=between), of(play, "site.sell", since=between)
    assert (early.cases.begun, late.cases.begun) == (1, 1)
    assert of(play, "site.sell", since=play.now + timedelta(days=1))[0].cases is None


def test_what_is_released_later_counts_for_the_version_that_does_it(store):
    text = RULE.format(label="x", due="1 day").replace("where:", "limit: 1 per run\n    where:")
    play = Play(text, store)
    play.opportunity("O1")
    play.opportunity("O2")
    play.tick(hours=1)
    assert of(play, "site.call")[0].acts.reasons == {"held": {"2 due, limit 1 per run": 4}}
    play.setting = compiled(text.replace("1 day", "5 days")).over(store, play.setting.calendar)
    with_edit = release(play.setting, "site.call", play.now)
    assert with_edit.total("done") == 4
    new, old = of(play, "site.call")
    assert (new.acts.statuses, old.acts.statuses) == ({"done": 4}, {})


def test_the_median_of_an_even_and_an_odd_number(store):
    play = Play(FLOW.replace("DUE", "1 day"), store)
    for number in range(5):
        play.opportunity(f"O{number}")
    play.tick(minutes=1)
    for days in (1, 1, 8):
        play.done("after_sales", "no_answer", days=days)
    (one,) = of(play, "site.sell")
    assert one.cases.length == Length(2.0, pytest.approx(13 / 3, abs=0.01))
    with store.session(write=True):
        hands.complete(play.setting, play.rows("SELECT MAX(id) FROM activity")[0][0], "no_answer", play.now + timedelta(days=2))
    (one,) = of(play, "site.sell")
    assert one.cases.length.median == 6.0


def test_what_differs_is_said_place_by_place():
    old = {"label": "a", "date": "1 day", "do": {"x": {"tag": "a"}}, "where": [{"a": 1}]}
    new = {"label": "b", "date": "2 days", "do": {"y": {"tag": "a"}}, "where": [{"a": 2}]}
    assert list(differences(old, new)) == ["date: 1 day -> 2 days", "do.y.tag: a is new", 'where: [{"a": 1}] -> [{"a": 2}]', "do.x.tag: a is gone"]
