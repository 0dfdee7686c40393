from tests.workflows.play import Play, flow_text

SALES = """
workflows:
  sales:
    label: {de: Verkauf, en: Sales}
    for: opportunity
    purpose: service
    ground: opportunity.requested_contact
    start: {on: opportunity.recorded}
    first: first_call
    stop_when: [{customer.deceased: true}]
    steps:
      first_call:
        activity: phone_call
        due: 5 days
        assign: [owner]
        remind: on the day
        escalate: {after: 2 business days, to: sales_manager}
        outcomes:
          reached: {next: test_drive}
          no_answer: {tries: [4 hours, 1 day, 3 days], else: {next: lost}}
          not_interested: {next: lost}
      test_drive: {activity: test_drive, appointment: ask, outcomes: {taken: {next: vehicle_offer}, no_show: {tries: [1 day], else: {next: lost}}}}
      vehicle_offer: {activity: vehicle_offer, tool: {field: brand, of: offer_tools}, outcomes: {made: {next: further}}}
      further:
        branches:
          finance: {activity: financing, where: [{asked_for: {contains: finance}}], outcomes: {made: {}}}
          insurance: {activity: insurance, where: [{asked_for: {contains: insurance}}], outcomes: {made: {}, not_wanted: {next: lost}}}
        join: all
        next: won
      won: {end: won}
      lost: {end: lost}
"""


def test_a_case_walks():
    play = Play(SALES)
    play.opportunity(asked_for="finance, insurance")
    play.tick(hours=1)
    assert play.incidents() == []
    assert play.open_work() == ["phone_call"]
    assert play.rows("SELECT due_on FROM activity") == [("2026-11-09",)]
    play.tick(days=7)
    assert play.rows("SELECT COUNT(*) FROM reminder") == [(1,)]
    play.done("phone_call", "no_answer")
    assert play.open_work() == ["phone_call"]
    play.done("phone_call", "reached", appointment=play.now)
    assert play.open_work() == ["test_drive"]
    play.done("test_drive", "taken")
    play.done("vehicle_offer", "made")
    assert play.open_work() == ["financing", "insurance"]
    assert play.steps() == ["further", "further.finance", "further.insurance"]
    play.done("insurance", "made")
    play.done("financing", "made")
    assert play.cases() == [("done", "won")]
    assert play.open_work() == []
    play.tick(hours=1)
    assert play.incidents() == []


def test_leaving_a_block_closes_it():
    play = Play(SALES)
    play.opportunity(asked_for="finance, insurance")
    play.tick(hours=1)
    play.done("phone_call", "reached", appointment=play.now)
    play.done("test_drive", "taken")
    play.done("vehicle_offer", "made")
    play.done("insurance", "not_wanted")
    assert (play.cases(), play.open_work(), play.steps()) == ([("done", "lost")], [], [])


CHILD = """
workflows:
  inner: {label: I, for: opportunity, purpose: internal, stop_when: [{status: lost}], steps: {work: {activity: gift, outcomes: {given: {next: over}}}, over: {end: good}}}
  outer:
    label: O
    for: opportunity
    purpose: internal
    start: {on: opportunity.recorded}
    steps:
      inside: {workflow: inner, outcomes: {good: {next: won}}, else: {next: lost}}
      won: {end: won}
      lost: {end: lost}
"""


def test_a_workflow_that_ends_otherwise_leads_on_by_else():
    play = Play(CHILD)
    play.opportunity()
    play.tick(hours=1)
    play.change("opportunity", 1, status="lost")
    play.tick(hours=1)
    assert (play.incidents(), play.cases()) == ([], [("done", "lost"), ("stopped", None)])


REPLY = flow_text("""
reply: {wait: {won: {event: opportunity.won, next: over}, late: {for: 5 days, next: over}}}
over: {end: over}
""")


def test_a_paused_workflow_hears_afterwards_what_happened():
    play = Play(REPLY)
    play.opportunity()
    play.tick(hours=1)
    play.pause("case")
    play.change("opportunity", 1, status="won")
    play.tick(days=1)
    play.tick(hours=1)
    assert play.cases() == [("running", None)]
    play.resume("case")
    play.tick(hours=1)
    assert play.cases() == [("done", "over")]
    assert play.rows("SELECT status FROM received") == [("used",)]


AT_ONCE = flow_text("""
work: {activity: gift, due: 2 hours, assign: [owner], escalate: {after: 0 minutes, to: sales_manager}, outcomes: {given: {next: over}}}
over: {end: over}
""")


def test_nothing_after_it_was_due_is_the_very_moment():
    play = Play(AT_ONCE)
    play.opportunity()
    play.tick()
    assert play.rows("SELECT (julianday(t.due_at) - julianday(a.due_at)) FROM timer t, activity a") == [(0.0,)]
