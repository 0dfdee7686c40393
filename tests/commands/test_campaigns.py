"""`results` and `campaign list, show, addresses` through the command line."""

import json

import pytest

from engine.commands import run
from engine.site import load_site

OWN = """
campaigns:
  wheels:
    label: {de: Räder, en: Wheels}
    purpose: advertising
    from: 2026-11-05
    until: 2026-11-20
    selection: all_of_cologne
    do: {mail: {message: winter_tyres, channel: [letter]}}
    response: {came: {some: visits}}
selections:
  all_of_cologne: {label: Köln, where: [{city: Köln}]}
"""
DAY = ["--now", "2026-11-06T09:00"]


@pytest.fixture
def site(tmp_path, capsys):
    folder = tmp_path / "haus"
    assert run(["init", str(folder)]) == 0
    (folder / "rules" / "own.yaml").write_text(OWN, "utf-8")
    store = load_site(folder).open_store()
    with store.session(write=True):
        for initials, role in (("ana", "salesperson"), ("bea", "sales_manager")):
            row = store.insert_many("employee", [{"initials": initials}])[0]
            store.insert_many("employee_role", [{"employee": row, "role": role}])
        store.insert_many(
            "customer",
            [
                {"number": n, "name": name, "street": "Weg 1", "postal_code": "50667", "city": "Köln", "country": "DE"}
                for n, name in ((1, "=Öhler; KG"), (2, "Maier"))
            ],
        )
        store.insert_many("customer", [{"number": 3, "name": "Ohne", "city": "Köln", "country": "DE"}])
    store.close()
    assert run(["run", "--site", str(folder), "--now", "2026-11-04T08:00"]) == 0
    capsys.readouterr()
    return folder


@pytest.fixture
def call(site, capsys):
    def calling(*words, code=0):
        got = run([*words, "--site", str(site), *([] if "--now" in words else DAY)])
        said = capsys.readouterr()
        assert got == code, said
        return said.out + said.err

    return calling


@pytest.mark.req("S1.2")
def test_a_campaign_from_its_plan_to_its_results(site, call):
    assert "planned" in call("campaign", "list", "--now", "2026-11-04T09:00")
    call("run")
    found = {one["campaign"]: one for one in json.loads(call("campaign", "list", "--json"))["campaigns"]}
    assert found["site.wheels"] == {
        "campaign": "site.wheels", "label": "Räder", "from": "2026-11-05", "until": "2026-11-20", "state": "running", "addressed": 2, "blocked": 1, "responded": 0,
    }  # fmt: skip
    call("record", "visit", "customer=1", "number=W1", "visited_on=2026-11-08", "--now", "2026-11-08T10:00")
    shown = call("campaign", "show", "wheels", "--now", "2026-11-09")
    for line in (
        "running, from 2026-11-05 until 2026-11-20", "customers: addressed", "2 (67 %)", "response: came", "1 (50 %)", "message letter: queued",
        "blocked: letter: keine Adresse für diesen Kanal",
    ):  # fmt: skip
        assert line in shown
    (version,) = json.loads(call("results", "site.wheels", "--json"))["versions"]
    assert (version["in_force"], version["campaign"]["responses"], version["acts"]["messages"]) == (True, {"came": 1}, {"letter": {"queued": 2, "blocked": 1}})
    call("pause", "site.wheels")
    assert "paused" in call("campaign", "list")
    (site / "rules" / "own.yaml").write_text(OWN + "change: {site.wheels: {enabled: false}}\n", "utf-8")
    assert "switched off" in call("campaign", "list")
    assert "`enabled: false` stands at" in call("campaign", "show", "site.wheels", code=1)


@pytest.mark.req("S2.24")
def test_addresses_for_a_mailing_house(site, call):
    before = ["--now", "2026-11-04T10:00"]
    assert "2 addresses may be given out" in call("campaign", "addresses", "wheels", *before)
    assert "ana may not give customers' addresses out" in call("campaign", "addresses", "wheels", "--csv", "--user", "ana", *before, code=1)
    lines = call("campaign", "addresses", "wheels", "--csv", "--user", "bea", *before).splitlines()
    assert lines == [
        "number;salutation;title;first_name;name;name_addition;street;postal_code;city;country",
        '1;;;;"\'=Öhler; KG";;Weg 1;50667;Köln;DE',
        "2;;;;Maier;;Weg 1;50667;Köln;DE",
        "2 addresses given out and recorded",
    ]
    assert "Anschrift herausgegeben: letter" in call("customer", "1")
    assert json.loads(call("campaign", "addresses", "wheels", "--csv", "--json", *before))["given"] == 0
    call("run")
    assert "addresses given out: letter" in call("campaign", "show", "wheels")
    assert "is over" in call("campaign", "addresses", "wheels", "--csv", "--now", "2026-12-01", code=1)
    assert json.loads(call("campaign", "addresses", "wheels", "--channel", "email", "--json"))["allowed"] == 0


@pytest.mark.req("S1.9")
def test_results_show_what_an_edit_changed(site, call):
    call("run")
    (site / "rules" / "own.yaml").write_text(OWN.replace("channel: [letter]", "channel: [email, letter]"), "utf-8")
    call("run", "--now", "2026-11-07T09:00")
    shown = call("results", "wheels", "--now", "2026-11-07T10:00")
    assert 'changed do.mail.channel: ["letter"] -> ["email", "letter"]' in shown
    assert shown.splitlines()[2].split() == ["version", *shown.splitlines()[2].split()[1:3][:1], "version", shown.splitlines()[2].split()[-1]]
    assert "2026-11-07 09:00" in shown
    period = json.loads(call("results", "wheels", "--since", "2026-11-07", "--json", "--now", "2026-11-07T10:00"))["versions"]
    assert [one["acts"]["occurrences"] for one in period] == [0, 0]
    assert [one["in_force"] for one in period] == [True, False]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("results", "site.whels"), "did you mean 'site.wheels'?"),
        (("results", "wheels", "--since", "2026-11-07", "--until", "2026-11-01"), "2026-11-01 is before 2026-11-07"),
        (("results", "wheels", "--since", "soon"), "'soon' is no day"),
        (("campaign", "show", "whels"), "there is no campaign 'whels'"),
        (("campaign", "addresses", "standard.winter_tyres"), "there is no campaign"),
    ],
)
def test_what_is_asked_wrongly(call, words, says):
    assert says in call(*words, code=2)
