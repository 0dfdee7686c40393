"""Cases through the command line: workflow, incidents, graph, done, why, show, status, agenda, customer."""

import json
from datetime import datetime
from xml.etree import ElementTree

import pytest

from engine.commands import run
from engine.site import load_site

FLOW = """
activities:
  talk: {label: Gespräch, outcomes: [won, lost, again]}
questionnaires:
  mood:
    label: Stimmung
    questions:
      grade: {label: Note, type: grade, required: true}
      how: {label: Wie, type: choice, values: {good: gut, bad: schlecht}}
workflows:
  sale:
    label: Verkauf über alles
    for: opportunity
    purpose: internal
    start: {on: opportunity.recorded, where: [{status: open}]}
    steps:
      call:
        activity: resubmission
        label: Rückruf
        due: in 3 days
        assign: [salesperson]
        remind: 1 day before
        outcomes: {reached: {next: talk}, lost: {next: lost}}
      talk: {activity: talk, label: Gespräch, appointment: ask, form: mood, outcomes: {won: {next: rest}, lost: {next: lost}}}
      rest: {wait: {for: 5 days}, next: thanks}
      thanks: {activity: gift, outcomes: {given: {next: won}, cancelled: {next: lost}}}
      won: {end: won}
      lost: {end: lost}
  by_hand: {label: Von Hand, for: opportunity, purpose: internal, steps: {ask: {activity: greeting}}}
"""
NOW = ["--now", "2026-11-02T09:00"]
LATER = ["--now", "2026-11-04T09:00"]


@pytest.fixture
def site(tmp_path, capsys):
    folder = tmp_path / "haus"
    assert run(["init", str(folder)]) == 0
    (folder / "regelwerk.yaml").write_text("pack: site\npacks: [standard]\n", "utf-8")
    (folder / "rules" / "own.yaml").write_text(FLOW, "utf-8")
    store = load_site(folder).open_store()
    with store.session(write=True):
        ana = store.insert_many("employee", [{"initials": "ana"}])[0]
        store.insert_many("employee_role", [{"employee": ana, "role": "sales_manager"}])
        customer = store.insert_many("customer", [{"number": 4711, "name": "Öhler", "salesperson": ana, "kind": "person", "country": "DE"}])[0]
    store.close()
    assert run(["run", "--site", str(folder), "--now", "2026-11-02T08:00"]) == 0, capsys.readouterr()
    store = load_site(folder).open_store()
    with store.session(write=True):
        row = {"number": "C1", "customer": customer, "salesperson": ana, "status": "open", "recorded_at": datetime(2026, 11, 2, 7, 30)}
        store.insert_many("opportunity", [row])
    store.close()
    assert run(["run", "--site", str(folder), *NOW]) == 0, capsys.readouterr()
    return folder


@pytest.fixture
def call(site, capsys):
    def do(*arguments, code=0):
        capsys.readouterr()
        got = run([*arguments, "--site", str(site)])
        out, err = capsys.readouterr()
        assert got == code, (arguments, got, out, err)
        return out + err

    return do


def test_where_a_case_stands(call):
    assert call("workflow", "list", *NOW).splitlines()[0].split() == ["workflow", "label", "running", "parked", "ended"]
    rows = json.loads(call("workflow", "list", "--json", *NOW))["workflows"]
    assert {"workflow": "site.sale", "label": "Verkauf über alles", "running": 1, "parked": 0, "ended": 0} in rows
    assert json.loads(call("workflow", "show", "sale", "--json", *NOW))["steps"][0]["step"] == "call"
    case = json.loads(call("workflow", "show", "1", "--json", *NOW))
    assert (case["status"], case["subject"], [step["step"] for step in case["steps"]]) == ("running", "opportunity:C1", ["call"])
    assert [timer["what"] for timer in case["timers"]] == ["remind"]
    assert "case 1 of site.sale for opportunity:C1: running" in call("workflow", "show", "1", *NOW)
    assert "there is no workflow 'site.sail'" in call("workflow", "show", "site.sail", code=2)
    assert "there is no case 7" in call("workflow", "show", "7", code=2)


def test_the_agenda_and_the_customer_show_what_comes_next(call):
    assert call("agenda", *NOW) == "nothing is due\n"
    (work,) = json.loads(call("agenda", "--until", "2026-11-06", "--json", *NOW))["activities"]
    assert (work["case"], work["step"], work["next"], work["reminded"]) == (1, "call", "reached > talk, lost > lost", None)
    shown = call("customer", "4711", *NOW)
    assert "case 1 of site.sale for opportunity:C1 runs since 2026-11-02 09:00" in shown
    assert "  at call (activity 1, due 2026-11-05 " in shown
    assert "reached > talk, lost > lost" in shown
    call("run", *LATER)
    assert "2026-11-04" in call("agenda", *LATER), "somebody was reminded: it is shown before it is due"
    call("done", "1", "lost", *LATER)
    assert "case 1 of site.sale for opportunity:C1 ended on 2026-11-04 09:00: lost" in call("customer", "4711", *LATER)
    (case,) = json.loads(call("customer", "4711", "--json", *LATER))["cases"]
    assert (case["status"], case["result"], case["steps"]) == ("done", "lost", [])


def test_work_is_done_with_its_appointment_and_its_answers(call):
    assert "the step 'call' of case 1 never ends with 'nope'; one of reached, lost" in call("done", "1", "nope", *NOW, code=2)
    assert "talk needs an appointment; add --appointment" in call("done", "1", "reached", *NOW, code=2)
    assert "is no time" in call("done", "1", "reached", "--appointment", "soon", *NOW, code=2)
    call("done", "1", "reached", "--appointment", "2026-11-03T14:30", *NOW)
    assert call("done", "1", "reached", *NOW) == "activity 1 was done already\n"
    assert "'grade' is not answered (Note); add --answer grade=..." in call("done", "2", "won", *LATER, code=2)
    assert "'grade' answers nothing; write --answer QUESTION=ANSWER" in call("done", "2", "won", "--answer", "grade", *LATER, code=2)
    said = call("done", "2", "won", "--answer", "grade=9", "--answer", "how=fine", "--answer", "x=1", *LATER, code=2)
    assert "there is no question 'x'" in said
    assert "'fine' cannot be answered" in said
    call("done", "2", "won", "--answer", "grade=1", "--answer", "how=good", *LATER)
    assert "rest" in call("workflow", "show", "1", *LATER)


def test_a_steps_work_is_moved_with_its_timers_and_not_cancelled(site, call):
    said = call("activity", "cancel", "1", "--user", "ana", *NOW, code=1)
    assert "activity 1 is the step 'call' of case 1, which has no outcome 'cancelled'" in said
    assert "`regelwerk done 1 OUTCOME` (reached, lost)" in said
    assert "`regelwerk workflow stop 1`" in said
    call("activity", "move", "1", "2026-11-20", "--user", "ana", *NOW)
    call("run", "--now", "2026-11-02T10:00")
    (timer,) = json.loads(call("workflow", "show", "1", "--json", *NOW))["timers"]
    assert timer["comes"].startswith("2026-11-19")


def test_a_case_is_started_and_stopped_by_hand(call):
    assert "for an opportunity, not a customer" in call("workflow", "start", "by_hand", "customer:4711", *NOW, code=2)
    assert "there is no opportunity C9" in call("workflow", "start", "by_hand", "opportunity:C9", *NOW, code=2)
    assert "there is no workflow 'other' that runs" in call("workflow", "start", "other", "opportunity:C1", *NOW, code=2)
    assert json.loads(call("workflow", "start", "by_hand", "opportunity:C1", "--user", "ana", "--json", *NOW)) == {"version": 1, "case": 2}
    assert "case 2 of site.by_hand is running for it already" in call("workflow", "start", "by_hand", "opportunity:C1", *NOW, code=1)
    assert call("workflow", "stop", "2", "--because", "Irrtum", "--user", "ana", *NOW) == "case 2 is stopped\n"
    assert "case 2 is cancelled" in call("workflow", "stop", "2", "--user", "ana", *NOW, code=1)


def test_why_tells_of_the_case_and_of_what_starts_one(call):
    said = call("why", "sale", "opportunity:C1", *NOW)
    assert "case 1 of site.sale for opportunity:C1 runs since 2026-11-02 09:00" in said
    assert "what starts a case:\nacts on the event opportunity.recorded" in said
    told = json.loads(call("why", "site.sale", "opportunity:C1", "--json", *NOW))
    assert (told["state"], told["cases"][0]["steps"][0]["step"], told["start"]["trigger"]) == ("in_force", "call", "on")
    said = call("why", "by_hand", "opportunity:C1", *NOW)
    assert "no case runs, and none has ended\nno rule starts it" in said
    assert "site.sale is for an opportunity, not a customer" in call("why", "sale", "customer:4711", code=2)


def test_what_led_to_the_work_of_a_step(call):
    call("done", "1", "reached", "--appointment", "2026-11-05T15:00", "--user", "ana", *LATER)
    lines = call("why", "activity:2", *LATER).splitlines()
    assert [line.partition(" (2026")[0] for line in lines[1:-2]] == [
        "  because site.sale did 'work' for opportunity:C1 (Öhler), in run 3 by ana",
        "  because step call of case 1 ended: reached",
        "  because case 1 of site.sale for opportunity:C1 (Öhler) began",
        "  because site.sale did 'start' for opportunity:C1 (Öhler), in run 2",
        "  because opportunity.recorded of opportunity:C1 (Öhler), noted 2026-11-02 09:00",
        "  because written from outside: no cause was told",
    ]
    assert [line.partition(": ")[2] for line in lines[-2:]] == [
        "it is open, due in 1 day",
        "case 1 of site.sale, of which it is a step, is running; `regelwerk workflow show 1` shows it",
    ]


def test_how_a_case_was_stopped(call):
    call("workflow", "stop", "1", "--because", "Irrtum", "--user", "ana", *NOW)
    assert "ended on 2026-11-02 09:00: cancelled (stopped by hand by ana: Irrtum)" in call("why", "sale", "opportunity:C1", *NOW)


def test_show_pause_and_resume_take_workflows(site, call):
    assert "label: Verkauf über alles" in call("show", "site.sale")
    call("pause", "site.by_hand", "--user", "ana")
    assert "paused: site.by_hand" in call("status", *NOW)
    call("resume", "site.by_hand", "--user", "ana")
    assert "there is no rule or workflow 'site.sail'; did you mean 'site.sale'?" in call("pause", "site.sail", "--user", "ana", code=2)
    assert "nothing was held" in call("release", "site.sale", "--user", "ana", *NOW)


def test_a_paused_workflow_waits(call):
    call("pause", "site.sale", "--user", "ana")
    call("run", *LATER)
    assert json.loads(call("agenda", "--until", "2026-11-06", "--json", *LATER))["activities"][0]["reminded"] is None
    call("resume", "site.sale", "--user", "ana")
    call("run", "--now", "2026-11-04T10:00")
    assert json.loads(call("agenda", "--until", "2026-11-06", "--json", *LATER))["activities"][0]["reminded"].startswith("2026-11-04")


def test_an_edit_is_planned_and_done(site, call):
    (site / "rules" / "own.yaml").write_text(FLOW.replace("call:", "ring:"), "utf-8")
    said = call("workflow", "migrate", "sale", *NOW)
    assert "there is no step" in said or "cannot move, because" in said
    assert "0 cases can move, 1 cannot, 0 are there already" in said
    assert "'call' maps nothing; write --map OLD=NEW" in call("workflow", "migrate", "sale", "--map", "call", code=2)
    plan = json.loads(call("workflow", "migrate", "sale", "--map", "call=ring", "--json", *NOW))
    assert (plan["can_move"], plan["stuck"], plan["moved"]) == (1, [], None)
    assert json.loads(call("workflow", "migrate", "sale", "--map", "call=ring", "--yes", "--user", "ana", "--json", *NOW))["moved"] == 1
    assert "  at ring (activity 1" in call("customer", "4711", *NOW)
    assert "0 cases can move, 0 cannot, 1 are there already" in call("workflow", "migrate", "sale", *NOW)


def test_an_unsound_workflow_is_told_and_starts_nothing(site, call):
    (site / "rules" / "own.yaml").write_text(FLOW.replace("lost: {next: lost}}\n", "lost: {next: lost}, again: {next: call}}\n"), "utf-8")
    assert "error flow-loop" in call("check", code=3)
    assert "site.sale starts no cases: nothing limits how often" in call("run", *LATER, code=1)
    assert "it is not sound and starts no cases" in call("why", "sale", "opportunity:C1", *LATER)


def test_a_warning_is_told_and_lets_check_pass(site, call):
    (site / "rules" / "own.yaml").write_text(FLOW.replace("lost: {next: lost}}\n", "lost: {}}\n"), "utf-8")
    said = call("check")
    assert "warning flow-leads-nowhere" in said
    assert "2 workflows, 2 findings" in said
    call("run", *LATER)


@pytest.fixture
def broken(site, call):
    """A case whose version names a kind of activity that is gone: parked at its next step."""
    text = FLOW.replace("  talk: {label: Gespräch, outcomes: [won, lost, again]}\n", "  other: {label: Anders, outcomes: [won]}\n")
    (site / "rules" / "own.yaml").write_text(text[: text.index("workflows:")], "utf-8")
    call("done", "1", "lost", *LATER)
    call("run", *LATER, code=1)
    return site


def test_incidents(broken, call):
    (one,) = json.loads(call("incidents", "list", "--json", *LATER))["incidents"]
    assert one["case"] == 1
    assert "can no longer be read" in one["reason"]
    said = call("status", *LATER)
    assert "case  parked  1" in " ".join(said.split("  ")) or "parked" in said
    assert "what was to happen" in said
    number = str(one["incident"])
    call("incidents", "retry", number, *LATER, code=1)
    (broken / "rules" / "own.yaml").write_text(FLOW, "utf-8")
    (one,) = json.loads(call("incidents", "list", "--json", *LATER))["incidents"]
    assert "the case is done" in call("incidents", "retry", str(one["incident"]), *LATER)
    assert "there is no incident 99" in call("incidents", "drop", "99", "--user", "ana", code=2)


def test_an_incident_is_dropped(broken, call):
    (broken / "rules" / "own.yaml").write_text(FLOW, "utf-8")
    (one,) = json.loads(call("incidents", "list", "--json", *LATER))["incidents"]
    assert call("incidents", "drop", str(one["incident"]), "--because", "Irrtum", "--user", "ana", *LATER) == "case 1 is stopped\n"
    assert json.loads(call("incidents", "list", "--json", *LATER))["incidents"] == []


def test_graph_in_three_forms(site, call, tmp_path):
    text = call("graph", "sale", *NOW)
    assert "□ Rückruf  [1]\n    reached → Gespräch\n" in text
    assert "[1]" not in call("graph", "sale", "--no-counts", *NOW)
    mermaid = call("graph", "sale", "--as", "mermaid", *NOW)
    assert mermaid.startswith("flowchart TD\n")
    assert '"Rückruf (1)"' in mermaid
    call("graph", "sale", "--out", str(tmp_path / "flow.svg"), *NOW)
    ElementTree.fromstring((tmp_path / "flow.svg").read_text("utf-8"))
    assert json.loads(call("graph", "sale", "--as", "svg", "--json", *NOW))["form"] == "svg"
    assert "there is no workflow 'sail'" in call("graph", "sail", code=2)
    assert "make it first" in call("graph", "sale", "--out", str(tmp_path / "none" / "flow.svg"), code=1)


def test_a_workflow_that_is_left_out_is_not_said_to_be_none(site, call):
    (site / "rules" / "own.yaml").write_text(FLOW.replace("next: talk", "next: tallk"), "utf-8")
    said = call("graph", "sale", code=1)
    assert said.startswith("site.sale is left out; rules/own.yaml:"), said
    assert "call  1 " in call("workflow", "show", "sale")  # its case goes on
    assert "there is no workflow 'law.werbesperre'" in call("graph", "law.werbesperre", code=2)
    assert "there is no workflow 'law.werbesperre'" in call("workflow", "show", "law.werbesperre", code=2)


def test_of_what_has_ended_since_why_says_how_it_was_then(call):
    call("done", "1", "lost", "--user", "ana", *LATER)
    assert [line.partition(": ")[2] for line in call("why", "activity:1", "--now", "2026-11-03T09:00").splitlines()[-2:]] == [
        "it was still to be done, due in 2 days; it is done since 2026-11-04 09:00",
        "case 1 of site.sale, of which it is a step, was running; it is done since 2026-11-04 09:00; `regelwerk workflow show 1` shows it",
    ]
