"""The CRM tags of S0 as a site lives with them: shipped kinds, own kinds, what posts them, what reads them."""

from datetime import date, datetime, timedelta

import pytest

from engine.language.conditions import parse_condition
from engine.language.findings import RegelwerkError
from engine.planning.query import QueryContext, ids
from engine.running.recording import Recorder
from engine.running.tick import tick
from engine.site import load_site

NOW = datetime(2026, 3, 2, 9)
OWN = """
tags:
  oldtimer: {number: 200, label: Oldtimerfahrer, lifetime: 1 month, several: true}
events:
  tag.posted: {entity: tag, when: created, label: Gebucht}
rules:
  call_again: {label: Wiedervorlage, for: tag, purpose: internal, on: tag.posted, where: [{kind: oldtimer}], do: {call: {activity: resubmission, due: 2 weeks}}}
"""


@pytest.fixture
def home(store, tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "regelwerk.yaml").write_text("pack: site\npacks: [standard]\n", "utf-8")
    (tmp_path / "rules" / "own.yaml").write_text(OWN, "utf-8")
    site = load_site(tmp_path)
    assert site.findings() == []
    with store.session(write=True), store.context(quiet=True):
        store.insert_many("customer", [{"number": n, "name": f"K{n}", "email": f"k{n}@x.de", "mobile": f"0171 {n}", "country": "DE"} for n in (1, 2, 3)])
    setting = site.setting(store)
    tick(setting, NOW - timedelta(days=1))
    return setting


def record(setting, *words, at=NOW, kind="tag"):
    with setting.store.session(write=True):
        return Recorder(setting, at).new(kind, words)


def tagged(setting, kind, now=NOW):
    node, _ = parse_condition([{"tagged": kind}], "customer", setting.vocabulary)
    return ids(setting.store, "customer", node, QueryContext(now, setting.calendar))


@pytest.mark.req("S0.12", "S0.17", "S0.18")
def test_25_kinds_are_delivered_each_with_its_number(home):
    numbers = [spec["number"] for name, spec in home.sections["tags"].items() if name != "oldtimer"]
    assert len(numbers) == len(set(numbers)) == 25
    assert all(100 <= number < 200 for number in numbers)


@pytest.mark.req("S0.18")
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("change: {tags.stammkunde: {enabled: false}}", "tag-fixed"),
        ("change: {tags.stammkunde: {remove: [number]}}", "tag-fixed"),
        ("change: {tags.stammkunde: {remove: [number, label]}}", "tag-fixed"),
        ("change: {tags.stammkunde: remove}", "definition-no-map"),
        ("change: {tags.stammkunde: {number: 250}}", "tag-number-fixed"),
        ("tags: {stammkunde: {number: 200, label: X}}", "duplicate-id"),
        ("tags: {mine: {number: 132, label: X}}", "tag-number-reserved"),
    ],
)
def test_a_built_in_kind_cannot_be_deleted_nor_its_number_reused(tmp_path, text, code):
    (tmp_path / "rules").mkdir()
    (tmp_path / "regelwerk.yaml").write_text("pack: site\npacks: [standard]\n", "utf-8")
    (tmp_path / "rules" / "own.yaml").write_text(text + "\n", "utf-8")
    site = load_site(tmp_path)
    assert [finding.code for finding in site.findings()] == [code]
    assert len(site.sections["tags"]) == 25
    assert [name for name, spec in site.sections["tags"].items() if spec["number"] == 132] == ["stammkunde"]


@pytest.mark.req("S0.1", "S0.2", "S0.3", "S0.5", "S0.7", "S0.8", "S0.11", "S0.34")
@pytest.mark.parametrize("kind", ["motorradclub", "motorradurlaub", "umbaukunde", "wintereinlagerung", "reifendienstkunde"])
def test_a_property_that_belongs_to_no_order_is_one_record(home, kind):
    record(home, "customer=2", f"kind={kind}", "value=xy")
    assert tagged(home, kind) == [2]
    assert [row[0] for row in home.store.rows("SELECT COUNT(*) FROM tag WHERE kind = ?", [kind])] == [1]


@pytest.mark.req("S0.10", "S0.16")
def test_an_own_kind_works_like_a_delivered_one(home):
    record(home, "customer=3", "kind=oldtimer", "value=Borgward")
    assert tagged(home, "oldtimer") == [3]
    assert tagged(home, "oldtimer", NOW + timedelta(days=32)) == [], "its lifetime is over"


@pytest.mark.req("S0.35", "S2.14", "S2.15")
def test_recording_a_tag_makes_a_dated_follow_up(home):
    record(home, "customer=3", "kind=oldtimer")
    record(home, "customer=3", "kind=motorradclub")
    tick(home, NOW)
    found = home.store.rows("SELECT customer, kind, due_on FROM activity", [])
    assert [(row[0], row[1], str(row[2])) for row in found] == [(3, "resubmission", "2026-03-16")]


@pytest.mark.req("S0.9")
def test_several_test_drives_each_have_their_date(home):
    for day in ("01.02.2026", "20.02.2026"):
        record(home, "customer=1", "kind=probefahrt", f"posted_on={day}")
    found = home.store.rows("SELECT posted_on FROM tag WHERE kind = 'probefahrt' AND taken_back_on IS NULL ORDER BY id", [])
    assert [str(row[0]) for row in found] == ["2026-02-01", "2026-02-20"]


@pytest.mark.req("S0.4", "S0.19", "S0.22", "S0.23")
def test_a_wish_posts_its_tag_and_matching_reads_the_same_wish(home):
    with home.store.session(write=True):
        wish = home.store.insert_many("wish", [{"number": "W1", "customer": 2, "kind": "motorcycle", "brand": "BMW", "recorded_on": NOW.date()}])[0]
    tick(home, NOW)
    assert tagged(home, "kaufinteresse_kfz") == [2]
    assert [row[0] for row in home.store.rows("SELECT wish FROM tag WHERE kind = 'kaufinteresse_kfz'", [])] == [wish]
    with home.store.session(write=True):
        bike = home.store.insert_many("vehicle", [{"vin": "B1", "kind": "motorcycle", "brand": "BMW", "model": "R 1250"}])[0]
        home.store.insert_many("trade_in", [{"number": "T1", "customer": 1, "vehicle": bike, "recorded_on": NOW.date()}])
    tick(home, NOW + timedelta(hours=1))
    assert [tuple(row) for row in home.store.rows("SELECT customer, wish FROM list_entry WHERE taken_off_at IS NULL", [])] == [(2, wish)]


@pytest.mark.req("S0.14", "S0.36", "S0.38")
def test_a_limit_by_hand_outweighs_the_lifetime_and_the_posting_stays(home):
    record(home, "customer=1", "kind=probefahrt", "valid_until_on=10.03.2026")
    assert tagged(home, "probefahrt", datetime(2026, 3, 9, 12)) == [1]
    assert tagged(home, "probefahrt", datetime(2026, 3, 10, 12)) == []
    assert home.store.rows("SELECT COUNT(*) FROM tag", [])[0][0] == 1


def test_an_unknown_kind_is_refused_and_nothing_is_written(home):
    with pytest.raises(RegelwerkError, match="there is no tag 'oldtimr'"):
        record(home, "customer=1", "kind=oldtimr")
    assert home.store.rows("SELECT COUNT(*) FROM tag", [])[0][0] == 0


@pytest.mark.parametrize(("per", "wanted"), [("day", [1, 1, 1]), ("week", [1, 0, 1]), ("month", [1, 0, 0])])
def test_at_most_once_per_day_week_month(store, tmp_path, per, wanted):
    rule = f"again: {{at_most: 1, per: {per}}}"
    text = f"rules:\n  r: {{label: R, for: customer, purpose: internal, on: customer.mail_returned, {rule}, do: {{x: {{tag: mailing}}}}}}\n"
    (tmp_path / "rules").mkdir()
    (tmp_path / "regelwerk.yaml").write_text("pack: site\npacks: [standard]\n", "utf-8")
    (tmp_path / "rules" / "own.yaml").write_text(text, "utf-8")
    setting = load_site(tmp_path).setting(store)
    setting.rules = [rule for rule in setting.rules if rule.id == "site.r"]
    with store.session(write=True):
        store.insert_many("customer", [{"number": 1}])
    found = []
    for day in (date(2026, 3, 3), date(2026, 3, 6), date(2026, 3, 9)):  # Tuesday, Friday, Monday
        with store.session(write=True):
            store.update_many("customer", [{"id": 1, "mail_returned_on": None}])
        tick(setting, datetime(day.year, day.month, day.day, 8))
        with store.session(write=True):
            store.update_many("customer", [{"id": 1, "mail_returned_on": day}])
        found.append(tick(setting, datetime(day.year, day.month, day.day, 9)).tally.total("done"))
    assert found == wanted


@pytest.mark.req("S0.24", "S0.25", "S0.26", "S0.27")
def test_the_listed_customers_are_told_by_sms_or_by_e_mail_as_the_law_allows(home):
    proof = {"purpose": "advertising", "ground": "explicit", "text_version": "v1", "source": "Haus", "evidence": "Formular", "given_at": NOW}
    with home.store.session(write=True), home.store.context(quiet=True):
        wishes = [{"number": f"W{n}", "customer": n, "kind": "motorcycle", "brand": "BMW", "recorded_on": NOW.date()} for n in (1, 2, 3)]
        home.store.insert_many("wish", wishes)
        home.store.insert_many("tag", [{"customer": n, "kind": "kaufinteresse_kfz", "wish": n, "posted_on": NOW.date()} for n in (1, 2, 3)])
        consents = [{"customer": 1, "channel": "sms", "confirmed_at": None}, {"customer": 2, "channel": "email", "confirmed_at": NOW}]
        home.store.insert_many("consent", [proof | row for row in consents])
        seller = home.store.insert_many("customer", [{"number": 9}])[0]
        bike = home.store.insert_many("vehicle", [{"vin": "B1", "kind": "motorcycle", "brand": "BMW"}])[0]
    with home.store.session(write=True):
        home.store.insert_many("trade_in", [{"number": "T1", "customer": seller, "vehicle": bike, "recorded_on": NOW.date()}])
    tick(home, NOW)
    assert [row[0] for row in home.store.rows("SELECT customer FROM list_entry ORDER BY customer", [])] == [1, 2, 3]
    found = home.store.rows("SELECT customer, channel, status, address FROM message ORDER BY customer", [])
    assert [tuple(row) for row in found[:2]] == [(1, "sms", "queued", "0171 1"), (2, "email", "queued", "k2@x.de")]
    assert (found[2][2], found[2][3]) == ("blocked", None), "no consent: listed, not written to, and the reason is kept"
