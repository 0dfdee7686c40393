import json

import pytest

from engine.commands import run
from engine.site import load_site
from engine.testing.run import rules_of, run_tests

SLICES = 6
OWN = """
rules:
  tagged_when_moved: {label: M, for: customer, purpose: internal, when: [{moved: true}], at_start: act, do: {mark: {tag: stammkunde}, call: {activity: check_address, due: 2 business days}}}
"""


@pytest.fixture
def site(tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "regelwerk.yaml").write_text("pack: mine\npacks: [standard]\n", "utf-8")
    return tmp_path


@pytest.fixture
def tried(site, capsys):
    """Runs a test of one's own beside OWN: the exit code and what was printed."""

    def try_it(text, *words):
        (site / "rules" / "own.yaml").write_text(OWN + text, "utf-8")
        code = run(["test", *(words or ("mine.tagged_when_moved",)), "--site", str(site)])
        return code, capsys.readouterr()

    return try_it


def test_every_shipped_rule_has_a_test(site):
    found = load_site(site, tests=True)
    named = {rule for definition in found.definitions.sections["tests"].values() for rule in rules_of(definition, found.compiled)}
    assert named == {rule.id for rule in found.compiled.rules if not rule.id.startswith("law.")}


@pytest.mark.req("S0.6", "S0.11", "S0.15", "S1.55")
@pytest.mark.parametrize("part", range(SLICES))
def test_the_tests_of_the_shipped_pack_pass(site, part):
    found = load_site(site, tests=True)
    names = frozenset(sorted(found.sections["tests"])[part::SLICES])
    outcomes = list(run_tests(found, names))
    assert len(outcomes) >= len(names) > 5
    assert [str(finding) for one in outcomes for finding in [*one.failures, *one.wrong]] == []


GIVEN = "\ntests:\n  moved:\n    of: [tagged_when_moved]\n    given: {customers: [{number: 1, moved: true}]}\n"
GOOD = "{by: 2026-03-02, tags: [{kind: stammkunde, customer: 1}], activities: [{kind: check_address, customer: 1, due: 2026-02-25}]}"


def test_a_test_that_holds(tried):
    code, shown = tried(GIVEN + f"    expect: [{GOOD}]\n")
    assert (code, shown.out, shown.err) == (0, "ok      mine.moved\n", "1 run, 0 failed, 0 cannot be run\n")


@pytest.mark.parametrize(
    ("expect", "said"),
    [
        (GOOD.replace("2026-02-25", "2026-02-26"), "rules/own.yaml:9:85: 2026-03-02: activity: due: wanted 2026-02-26, found 2026-02-25"),
        ("{by: 2026-03-02, tags: [{kind: stammkunde}]}", "2026-03-02: activity: not expected: customer 1, due_on 2026-02-25, kind check_address, status open"),
        (GOOD.replace("tags: [", "tags: [{kind: gemahnt}, "), "2026-03-02: tag: missing: kind gemahnt"),
        ("{by: 2026-03-02, nothing: true}", "2026-03-02: tag: not expected: customer 1, kind stammkunde"),
        (GOOD[:-1] + ", customers: [{number: 1, moved: false}]}", "2026-03-02: customer: moved: wanted false, found true"),
    ],
)
def test_what_differs_fails_with_its_place(tried, expect, said):
    code, shown = tried(GIVEN + f"    expect: [{expect}]\n")
    assert code == 1
    assert shown.out.startswith("FAILED  mine.moved\n")
    assert said in shown.out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GIVEN.replace("moved]", "movd]") + f"    expect: [{GOOD}]\n", "there is no rule 'tagged_when_movd' that runs; did you mean 'tagged_when_moved'?"),
        (GIVEN + "    expect: [{by: bald, nothing: true}]\n", "'bald' is no day"),
        (GIVEN + "    expect: [{by: $when, nothing: true}]\n    rows: {one: {wen: 2026-03-02}}\n", "no row has a column 'when'; did you mean 'wen'?"),
        (GIVEN.replace("moved: true", "moved: ja") + f"    expect: [{GOOD}]\n", "moved: 'ja' is no boolean"),
        (GIVEN.replace("moved: true", "branch: KOE") + f"    expect: [{GOOD}]\n", "branch: there is no branch 'KOE' in this test; add it above"),
        (GIVEN.replace("customers:", "tickets: [{number: T}], customers:") + f"    expect: [{GOOD}]\n", "a ticket needs its customer; write customer: ..."),
        (GIVEN + "    from: 1990-01-01\n    expect: [{by: 2026-03-02, nothing: true}]\n", "the test runs over 13209 days; say `from:` to begin later"),
    ],
)
def test_a_test_that_cannot_be_run_says_why(tried, text, said):
    code, shown = tried(text, "mine.moved")
    assert code == 3
    assert said in shown.out


WORK = """
workflows:
  call:
    label: C
    for: customer
    purpose: internal
    start: {on: customer.mail_returned}
    steps:
      first: {activity: check_address, due: 2 business days, appointment: due, remind: on the day, assign: [back_office], outcomes: {corrected: {}}}
tests:
  reminded:
    of: [call]
    given:
      employees: [{initials: bo, roles: [back_office]}]
      customers: [{number: 1}]
    from: 2026-03-02
    happens:
      - {on: 2026-03-02, customers: [{number: 1, mail_returned_on: 2026-03-02}]}
    expect:
      - {by: 2026-03-03, open: [check_address], reminders: []}
      - {by: 2026-03-04, open: [check_address], reminders: REMINDERS}
"""


@pytest.mark.parametrize(
    ("reminders", "said"),
    [
        ("[{employee: bo, reminded_at: 2026-03-04}]", "1 run, 0 failed"),
        ("[{employee: bo, reminded_at: '2026-03-04T12:00'}]", "1 run, 0 failed"),  # the clock on the wall
        ("[]", "reminder: not expected"),
        ("[{employee: bo, reminded_at: '2026-03-04T11:00'}]", "reminder: reminded_at: wanted 2026-03-04T11:00, found 2026-03-04T12:00"),
        ("[{employee: bo}, {employee: bo}]", "reminder: missing: employee bo"),
        ("[{reminded_at: '2026-03-04T11:00'}]", "reminder: missing: reminded_at 2026-03-04T11:00"),
    ],
)
def test_reminders_are_looked_at_where_they_are_named(tried, reminders, said):
    code, shown = tried(WORK.replace("REMINDERS", reminders), "mine.reminded")
    assert (code, said in shown.out + shown.err) == (int("1 run" not in said), True), shown


CHANGED = """
  agreed:
    {label: A, for: activity, purpose: internal, when: [{kind: check_address}, {status: cancelled}], do: {mark: {tag: stammkunde}}}
tests:
  cancelled:
    of: [agreed]
    given: {customers: [{number: 1}], activities: [{id: 7, kind: check_address, status: open, customer: 1}, {id: 8, kind: check_address, status: open, customer: 1}]}
    happens: [{on: 2026-03-04, activities: [{id: 8, status: cancelled}]}]
    expect: [{by: 2026-03-03, nothing: true}, {by: 2026-03-04, tags: [{kind: stammkunde, customer: 1}]}]
"""


def test_a_record_without_a_number_is_changed_by_the_id_the_test_gives_it(tried):
    code, shown = tried(CHANGED, "mine.cancelled")
    assert (code, shown.err) == (0, "1 run, 0 failed, 0 cannot be run\n"), shown.out


RESPONSES = """
campaigns:
  letters:
    label: L
    purpose: advertising
    from: 2026-03-02
    until: 2026-03-31
    where: [{kind: company}]
    do: {mail: {message: birthday, channel: [letter]}}
    response: {came: {some: visits, within: 1 week, label: Came}}
tests:
  came:
    of: [letters]
    given: {customers: [{number: 1, kind: company, country: DE, street: Weg 1, city: Köln}]}
    from: 2026-03-02
    happens: [{on: 2026-03-09, visits: [{number: W1, customer: 1, visited_on: 2026-03-09}]}]
    expect: [{by: 2026-03-08, messages: [{template: birthday}], responses: {}}, {by: 2026-03-09, messages: [{template: birthday}], responses: {came: WANTED}}]
"""


@pytest.mark.parametrize(("wanted", "said"), [("1", "1 run, 0 failed"), ("2", "2026-03-09: responses: came: wanted 2, found 1")])
def test_responses_to_a_campaign_are_counted(tried, wanted, said):
    code, shown = tried(RESPONSES.replace("WANTED", wanted), "mine.came")
    assert (code, said in shown.out + shown.err) == (int(wanted) - 1, True), shown


def test_a_wrong_name_is_found_by_check_too(site, capsys):
    (site / "rules" / "own.yaml").write_text(OWN + GIVEN.replace("customers", "custommers") + f"    expect: [{GOOD}]\n", "utf-8")
    assert run(["check", "--site", str(site)]) == 3
    assert "rules/own.yaml:8:13: error content-unknown-entity: there are no 'custommers'; did you mean 'customers'?" in capsys.readouterr().out


def test_a_dealers_change_does_not_break_the_packs_own_tests(site, capsys):
    """A pack's tests are about the pack; what the dealer changed is for the dealer's own tests."""
    (site / "rules" / "own.yaml").write_text("change: {standard.offer_expires: {date: 5 days before valid_until_on}}\n", "utf-8")
    assert run(["test", "standard.offer_expires", "--json", "--site", str(site)]) == 0
    tests = json.loads(capsys.readouterr().out)["tests"]
    assert {one["test"] for one in tests} >= {"standard.an_offer_expires_in_three_days"}
    assert all(one["ok"] for one in tests)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (GIVEN.replace("moved]", "movd]") + f"    expect: [{GOOD}]\n", ["test-unknown-rule"]),
        (GIVEN + "    expect: [{by: bald, nothing: true}]\n", ["test-cannot-run"]),
        (GIVEN + "    expect: [{by: 2026-03-02, nothing: true}]\n", ["test-difference", "test-difference"]),
    ],
)
def test_what_goes_wrong_has_a_code(site, text, codes):
    (site / "rules" / "own.yaml").write_text(OWN + text, "utf-8")
    outcomes = run_tests(load_site(site, tests=True), frozenset({"mine.moved"}))
    assert [finding.code for one in outcomes for finding in [*one.wrong, *one.failures]] == codes


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param("annual_service", marks=pytest.mark.req("S1.5", "S1.51")),
        pytest.param("winter_tyres", marks=pytest.mark.req("S4.31")),
        pytest.param("financing_ends", marks=pytest.mark.req("S1.53")),
        pytest.param("bought_elsewhere", marks=pytest.mark.req("S4.24", "S4.26")),
        pytest.param("trade_in_finds_wishes", marks=pytest.mark.req("S4.30")),
    ],
)
def test_a_shipped_rule_does_what_a_seed_asks(site, capsys, rule):
    assert run(["test", f"standard.{rule}", "--json", "--site", str(site)]) == 0
    tests = json.loads(capsys.readouterr().out)["tests"]
    assert tests
    assert all(one["ok"] for one in tests)


MANY = """
tests:
  many:
    of: [tagged_when_moved]
    given:
      employees: [{initials: bea, roles: [sales_manager]}]
      customers: [{number: 2, name: Two}, {times: 3, moved: true, visits: [{kind: shop}]}]
    happens: [{on: 2026-03-05, customers: [{times: 2, moved: true}]}]
    from: 2026-03-04
    expect:
      - {by: 2026-03-04, tags: [{times: 3, kind: stammkunde}], activities: [{times: 3, kind: check_address}]}
      - {by: 2026-03-05, tags: [{times: 5, kind: stammkunde}], activities: [{times: 5, kind: check_address}]}
"""


def test_a_record_stands_for_several(tried):
    code, said = tried(MANY)
    assert (code, said.err.splitlines()[-1]) == (0, "1 run, 0 failed, 0 cannot be run"), said
    code, said = tried(MANY.replace("tags: [{times: 5", "tags: [{times: 4").replace("activities: [{times: 5", "activities: [{times: 7"))
    assert code == 1
    assert "tag: not expected: customer 8, kind stammkunde" in said.out
    assert "activity: missing: kind check_address (2 of 7)" in said.out


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("{times: 3, moved", "{times: 3, number: 7, moved", "3 records cannot all be called '7'; leave it out: each gets a number of its own"),
        ("tags: [{times: 3", "customers: [{times: 3, moved: true}], tags: [{times: 3", "a customer is looked at by its number; leave `times` out, and write a row for each"),
        ("{times: 3, moved", "{times: many, moved", "'many' is no number of records; write e.g. 200"),
        ("customers: [{times: 2, moved: true}]", "customers: $more", "times: 'many' is no number of records; write e.g. 200"),
        ("visits: [{kind: shop}]", "visits: [{times: 2}]", "visit has no field 'times'"),
    ],
)  # fmt: skip
def test_what_cannot_be_several(tried, old, new, expected):
    text = MANY.replace(old, new).replace("    from:", "    rows: {one: {more: [{times: many}]}}\n    from:")
    code, said = tried(text)
    assert code == 3
    assert expected in said.out + said.err
