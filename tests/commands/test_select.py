"""The four example filters of S0.29 to S0.32: saved and typed, as table, CSV and JSON (A9)."""

import json
from datetime import date, datetime
from pathlib import Path

import pytest

from engine.commands import run
from engine.demo.play import TEMPLATE
from engine.site import load_site

CLOCK = ["--now", "2026-11-24T10:00"]
TYPED = {
    "inspection_customers_stayed_away": "[{tagged: inspektionskunde}, {visits: {no: [{visited_on: {on_or_after: 2025-11-24}}]}}]",
    "complained": "{tickets: {some: [{kind: complaint}]}}",
    "test_drives_this_year": "{activities: {some: [{kind: test_drive}, {outcome: taken}, {completed_at: {between: [2026-01-01, 2026-12-31]}}]}}",
    "motorcycle_never_in_workshop": "[{purchases: {some: [{vehicle.kind: motorcycle}]}}, {visits: {no: [{kind: workshop}]}}]",
}
WANTED = {
    "inspection_customers_stayed_away": [1],
    "complained": [3, 7],
    "test_drives_this_year": [4],
    "motorcycle_never_in_workshop": [6],
}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("select")
    (folder / "rules").mkdir()
    (folder / "regelwerk.yaml").write_text("pack: site\npacks: [standard]\n", "utf-8")
    (folder / "rules" / "selections.yaml").write_text((Path(TEMPLATE) / "rules" / "selections.yaml").read_text("utf-8"), "utf-8")
    store = load_site(folder).open_store(create=True)
    with store.session(write=True):
        c = [0, *store.insert_many("customer", [{"number": n, "name": f"Müller {n}" if n != 3 else "=Summe;1", "city": "Köln"} for n in range(1, 8)])]
        bike, car = store.insert_many("vehicle", [{"vin": "B", "kind": "motorcycle"}, {"vin": "C", "kind": "car"}])
        tags = [{"customer": c[n], "kind": "inspektionskunde", "posted_on": date(2024, 5, 1)} for n in (1, 2)]
        store.insert_many("tag", [*tags, {"customer": c[4], "kind": "inspektionskunde", "posted_on": date(2022, 1, 1), "valid_until_on": date(2024, 1, 1)}])
        visits = [(1, "workshop", date(2025, 11, 23)), (2, "shop", date(2025, 11, 24)), (5, "workshop", date(2026, 1, 1)), (6, "shop", date(2026, 1, 1))]
        store.insert_many("visit", [{"number": f"V{n}", "customer": c[n], "kind": kind, "visited_on": day} for n, kind, day in visits])
        store.insert_many("message", [{"customer": c[1], "channel": "email", "status": "accepted", "accepted_at": datetime(2026, 2, 1)}])
        store.insert_many("ticket", [{"number": f"T{n}", "customer": c[n], "kind": kind} for n, kind in ((3, "complaint"), (7, "complaint"), (2, "support"))])
        drives = [(4, "taken", datetime(2026, 3, 1)), (5, "missed", datetime(2026, 3, 1)), (6, "taken", datetime(2025, 12, 31, 22)), (7, "taken", None)]
        store.insert_many("activity", [{"kind": "test_drive", "status": "done", "customer": c[n], "outcome": o, "completed_at": at} for n, o, at in drives])
        bought = [(5, bike), (6, bike), (7, car)]
        store.insert_many("purchase", [{"customer": c[n], "vehicle": vehicle, "signed_on": date(2025, 5, 1), "number": f"P{n}"} for n, vehicle in bought])
    store.close()
    return folder


def call(capsys, site, *arguments):
    capsys.readouterr()
    code = run(["select", *arguments, *CLOCK, "--site", str(site)])
    return code, *capsys.readouterr()


@pytest.mark.req("S0.29", "S0.30", "S0.31", "S0.32", "S0.28", "S3.2")
@pytest.mark.parametrize("name", TYPED)
@pytest.mark.parametrize("typed", [False, True])
def test_an_example_filter_saved_and_typed(capsys, site, name, typed):
    code, out, _ = call(capsys, site, TYPED[name] if typed else name, "--json")
    assert (code, [row["number"] for row in json.loads(out)["rows"]]) == (0, WANTED[name])


@pytest.mark.req("S0.33")
def test_filters_combine_freely(capsys, site):
    typed = "[{any: [{tickets: {some: [{kind: complaint}]}}, {tagged: inspektionskunde}]}, {not: {number: 7}}, {visits: {no: [{kind: shop}]}}]"
    assert [row["number"] for row in json.loads(call(capsys, site, typed, "--json")[1])["rows"]] == [1, 3]


def test_the_table_and_the_csv(capsys, site):
    assert call(capsys, site, "complained")[1] == "number  name      city\n3       =Summe;1  Köln\n7       Müller 7  Köln\n2 found\n"
    assert call(capsys, site, "complained", "--csv", "--show", "number,name")[1] == 'number;name\n3;"\'=Summe;1"\n7;Müller 7\n'


def test_another_kind_of_record(capsys, site):
    code, out, _ = call(capsys, site, "[{kind: motorcycle}]", "--for", "vehicle", "--json", "--show", "vin,kind")
    assert (code, json.loads(out)["rows"]) == (0, [{"vin": "B", "kind": "motorcycle"}])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["[{tagged: inspektionskunte}]"], "did you mean 'inspektionskunde'?"),
        (["[{citty: Köln}]"], "did you mean 'city'?"),
        (["complaned"], "condition"),
        (["[{city: Köln}]", "--show", "nummber"], "did you mean 'number'?"),
        (["[{city: Köln}]", "--for", "custommer"], "did you mean 'customer'?"),
        (["[{city: Köln}"], "condition:"),
        ([""], "condition"),
        (["complained", "--for", "vehicle"], "'complained' selects customers, not 'vehicle'; leave out `--for`, or write `--for customer`"),
    ],
)
def test_bad_input_is_named(capsys, site, arguments, said):
    code, out, error = call(capsys, site, *arguments)
    assert (code, out) == (2, "")
    assert said in error


def test_moments_are_local_and_amounts_have_decimals(capsys, site):
    code, out, _ = call(capsys, site, "[{completed_at: {missing: false}}, {outcome: missed}]", "--for", "activity", "--show", "outcome,completed_at", "--csv")
    assert (code, out.splitlines()[1]) == (0, "missed;2026-03-01 01:00")
    _, out, _ = call(capsys, site, "[{outcome: missed}]", "--for", "activity", "--show", "completed_at", "--json")
    assert json.loads(out)["rows"] == [{"completed_at": "2026-03-01T01:00:00+01:00"}]
    store = load_site(site).open_store()
    with store.session(write=True):
        store.run("UPDATE purchase SET amount = ? WHERE number = ?", [-1234505, "P5"])
    store.close()
    _, out, _ = call(capsys, site, "[{amount: {below: 0.00 EUR}}]", "--for", "purchase", "--show", "amount", "--csv")
    assert out.splitlines()[1] == "-12345.05"
    _, out, _ = call(capsys, site, "[{amount: {below: 0.00 EUR}}]", "--for", "purchase", "--show", "amount", "--json")
    assert json.loads(out)["rows"] == [{"amount": -1234505}]


def test_many_records_are_no_column(capsys, site):
    code, _, error = call(capsys, site, "[]", "--show", "number,visits")
    assert (code, error) == (2, "'visits' is many records; show fields of a customer, or select `--for visit`\n")
