from datetime import date

from tests.workflows.play import Play

HANDOVER = """
workflows:
  handover:
    label: Auslieferung
    for: contract
    purpose: internal
    start: {on: contract.signed}
    steps:
      deliver: {activity: vehicle_delivery, due: 2 business days before promised_on, closed_day: previous, remind: 1 day before, outcomes: {delivered: {next: over}}}
      over: {end: delivered}
"""


def play():
    here = Play(HANDOVER)
    here.add("contract", number="V1", customer=1, branch=1)
    here.change("contract", 1, signed_on=date(2026, 11, 2), promised_on=date(2026, 12, 18))
    here.tick(hours=1)
    return here


def test_the_delivery_moves_with_the_promised_day():
    here = play()
    assert here.rows("SELECT due_on FROM activity") == [("2026-12-16",)]
    here.change("contract", 1, promised_on=date(2027, 1, 8))
    here.tick(hours=1)
    assert here.rows("SELECT due_on FROM activity") == [("2027-01-06",)]
    assert here.rows("SELECT substr(due_at, 1, 10) FROM timer WHERE status = 'armed'") == [("2027-01-05",)]
    assert here.noted()[-1] == "promised_on moved to 2027-01-08"


def test_a_date_set_by_hand_stays():
    here = play()
    here.change("activity", 1, due_on=date(2026, 12, 11), due_by_hand=True)
    here.change("contract", 1, promised_on=date(2027, 1, 8))
    here.tick(hours=1)
    assert here.rows("SELECT due_on FROM activity") == [("2026-12-11",)]
    assert here.noted()[-1] == "promised_on moved to 2027-01-08, but the date was set by hand"
