"""Campaigns on both databases: whom, once, in their days, so many a day; responses and addresses (S1.2, S2.23, S2.24)."""

from datetime import datetime, timedelta

import pytest

from engine.language.calendars import Calendar
from engine.planning.campaigns import campaign_of
from engine.planning.query import QueryContext
from engine.running.addresses import addresses, give_out
from engine.running.asking import ask
from engine.running.results.campaigns import reached
from engine.running.results.periods import Measured
from engine.running.results.versions import versions
from tests.workflows.play import Play, compiled

ID = "site.wheels"
TEXT = """
campaigns:
  site.wheels:
    label: {de: Räder, en: Wheels}
    purpose: advertising
    from: FROM
    until: UNTIL
    where: [{name: {starts_with: K}}]
    MORE
    do:
      mail: {message: winter_tyres, channel: [email, letter]}
    response:
      came: {some: visits, where: [{kind: workshop}], within: 2 weeks}
      asked: {some: opportunities}
"""


def text(first="2026-11-05", last="2026-11-20", more=""):
    return TEXT.replace("FROM", first).replace("UNTIL", last).replace("MORE", more)


def played(store, said=None, customers=3):
    play = Play(said or text(), store)
    for number in range(2, customers + 2):
        play.add("customer", number=number, name=f"K{number}", kind="person", country="DE", branch=1, street="Weg 1", city="München")
    return play


def on(play, day):
    play.now = datetime.fromisoformat(f"{day}T08:00")
    return play.tick()


def written(play):
    return [row[0] for row in play.rows("SELECT customer FROM message WHERE status = 'queued' ORDER BY id")]


def test_a_day_counts_to_its_end(store):
    play = played(store, text("2026-11-05", "2026-11-05"), customers=1)
    on(play, "2026-11-05")
    play.add("customer", number=9, name="Knapp", country="DE", branch=1, street="Weg 2", city="München")
    play.now = datetime.fromisoformat("2026-11-05T15:00")
    play.tick()
    assert len(written(play)) == 2, "who comes to fit in the afternoon is written to that day"


def figures(play):
    campaign = campaign_of(ID, play.setting.sections["campaigns"][ID], play.setting.vocabulary)
    (found,) = reached(Measured(play.store, ID), campaign, QueryContext(play.now, Calendar())).values()
    return found


@pytest.mark.req("S1.2", "S2.23")
def test_each_customer_once_from_the_first_day_until_the_last(store):
    play = played(store)
    on(play, "2026-11-04")
    assert written(play) == []
    on(play, "2026-11-05")
    assert written(play) == [2, 3, 4]
    on(play, "2026-11-06")
    play.add("customer", number=9, name="Knapp", country="DE", branch=1, street="Weg 2", city="München")
    on(play, "2026-11-20")
    assert written(play) == [2, 3, 4, 5], "who becomes one of them in time is written to, nobody twice"
    play.add("customer", number=10, name="Kurz", country="DE", branch=1, street="Weg 2", city="München")
    on(play, "2026-11-21")
    assert len(written(play)) == 4
    assert play.rows("SELECT number, name FROM campaign") == [(ID, "Räder")]
    assert play.rows("SELECT DISTINCT campaign FROM message WHERE status = 'queued'") == [(1,)]


def test_what_was_missed_is_not_made_up_for_after_the_last_day(store):
    play = played(store)
    on(play, "2026-12-01")
    assert written(play) == []


def test_every_year_anew(store):
    play = played(store, text("11-05", "11-20"), customers=1)
    for day in ("2026-11-05", "2026-11-12", "2027-11-04", "2027-11-05", "2027-11-19"):
        on(play, day)
    assert written(play) == [2, 2]


def test_over_new_year_is_one_time(store):
    play = played(store, text("11-05", "01-20"), customers=1)
    for day in ("2026-11-05", "2026-12-31", "2027-01-03", "2027-01-20"):
        on(play, day)
    assert written(play) == [2]


@pytest.mark.req("S1.2")
def test_so_many_a_day_and_the_rest_on_the_next(store):
    play = played(store, text(more="spread: 2 per day"), customers=5)
    on(play, "2026-11-05")
    assert written(play) == [2, 3]
    play.tick(hours=2)
    assert written(play) == [2, 3], "a second tick of the day adds none"
    on(play, "2026-11-06")
    assert written(play) == [2, 3, 4, 5]
    on(play, "2026-11-07")
    assert written(play) == [2, 3, 4, 5, 6]
    assert play.rows("SELECT COUNT(*) FROM occurrence WHERE status = 'held'") == [(0,)]


def test_a_limit_holds_and_a_pause_too(store):
    play = played(store, text(more="limit: 2 per run"))
    on(play, "2026-11-05")
    assert (written(play), versions(Measured(store, ID))[0].acts.reasons) == ([], {"held": {"3 due, limit 2 per run": 3}})


def test_an_edit_of_the_days_addresses_nobody_again(store):
    play = played(store)
    on(play, "2026-11-05")
    play.setting = compiled(text("2026-11-10", "2026-12-20")).over(store, Calendar())
    on(play, "2026-11-10")
    assert written(play) == [2, 3, 4]
    assert play.rows("SELECT COUNT(*) FROM campaign") == [(1,)]
    assert [one.changed for one in versions(Measured(store, ID))] == [["from: 2026-11-05 -> 2026-11-10", "until: 2026-11-20 -> 2026-12-20"], []]


def test_why_names_the_days_and_the_one_time(store):
    play = played(store)
    before = ask(play.setting, ID, "customer", 2, play.now)
    assert [reason.says for reason in before.reasons] == ["the campaign runs from 2026-11-05 until 2026-11-20"]
    assert before.next_at == datetime(2026, 11, 5, 5)
    on(play, "2026-11-05")
    after = ask(play.setting, ID, "customer", 2, play.now + timedelta(days=1))
    assert "a campaign addresses each customer once: it did on 2026-11-05" in [reason.says for reason in after.reasons]
    assert ask(play.setting, ID, "customer", 2, play.now + timedelta(days=60)).next_at is None


@pytest.mark.req("S1.7", "S2.23")
def test_a_response_counts_from_the_day_the_customer_was_addressed(store):
    play = played(store, customers=5)
    play.add("objection", customer=6, objected_on=play.now.date())
    play.add("visit", number="W1", customer=2, kind="workshop", visited_on="2026-11-04")  # before
    on(play, "2026-11-05")
    for number, customer, kind, day in (
        ("W2", 3, "workshop", "2026-11-05"),
        ("W3", 3, "workshop", "2026-11-10"),  # the same customer again
        ("W4", 4, "workshop", "2026-11-20"),  # too late
        ("W5", 5, "shop", "2026-11-06"),  # no workshop
        ("W6", 1, "workshop", "2026-11-06"),  # was not addressed
    ):
        play.add("visit", number=number, customer=customer, kind=kind, visited_on=day)
    play.opportunity("O1", customer=4, recorded_at=play.now + timedelta(days=30))
    play.opportunity("O2", customer=3, recorded_at=play.now - timedelta(days=1))
    play.add("contract", number="V1", customer=4, signed_on="2026-12-01", amount=2_000_000)
    play.add("contract", number="V2", customer=4, signed_on="2026-12-02", cancelled_on="2026-12-03", amount=100)
    on(play, "2026-12-24")
    found = figures(play)
    assert (found.addressed, found.blocked) == (4, 1)
    assert (found.responses, found.responded) == ({"came": 1, "asked": 1}, 2)
    assert (found.sales, found.sales_amount) == (1, 2_000_000)


@pytest.mark.req("S2.24")
def test_addresses_are_given_out_once_and_recorded(store):
    play = played(store)
    play.add("objection", customer=3, objected_on=play.now.date())
    seen = addresses(play.setting, ID, "letter", play.now)
    assert (sorted(seen.allowed), list(seen.blocked.values())) == ([2, 4], [1])
    assert play.rows("SELECT COUNT(*) FROM occurrence WHERE effect = 'addresses'") == [(0,)], "looking writes nothing"
    with store.session(write=True):
        given = give_out(play.setting, ID, "letter", play.now)
    assert given.allowed == {2: "Weg 1, München", 4: "Weg 1, München"}
    assert play.rows("SELECT customer, source FROM history_entry ORDER BY customer") == [(2, ID), (4, ID)]
    assert play.rows("SELECT subject_id, verdict, effect, target FROM decision WHERE effect = 'addresses' ORDER BY subject_id") == [
        (2, "done", "addresses", "letter"),
        (4, "done", "addresses", "letter"),
    ]
    with store.session(write=True):
        assert give_out(play.setting, ID, "letter", play.now + timedelta(days=1)).allowed == {}
    on(play, "2026-11-05")
    assert written(play) == [], "who was addressed by the mailing house is not written to as well"
    assert (figures(play).addressed, figures(play).given) == (2, {"letter": 2})


def test_who_was_addressed_already_is_not_given_out(store):
    play = played(store, text(more="spread: 1 per day"))
    on(play, "2026-11-05")
    assert sorted(addresses(play.setting, ID, "letter", play.now).allowed) == [3, 4]
