"""What S2, S3 and S4 want stored is recorded by hand and found again by a filter."""

import json

import pytest

from engine.commands import run

HEAD = [["customer", "number=1", "name=Hotel Alpenblick", "kind=company"], ["employee", "initials=ana"]]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recorded") / "haus"
    assert run(["init", str(folder)]) == 0
    for words in HEAD:
        assert run(["record", *words, "--site", str(folder)]) == 0
    return folder


CASES = [
    pytest.param(["gift", "customer=1", "name=Modellauto", "planned_on=01.12.2026"], "{gifts: {some: [{name: Modellauto}, {received_on: {missing: true}}]}}", id="gift planned", marks=pytest.mark.req("S3.7")),
    pytest.param(["gift", "customer=1", "name=Kalender", "received_on=01.12.2025"], "{gifts: {some: [{received_on: {missing: false}}]}}", id="gift received", marks=pytest.mark.req("S3.8")),
    pytest.param(["brochure_request", "customer=1", "brochure=R 1250", "requested_on=02.11.2026"], "{brochure_requests: {some: [{brochure: R 1250}]}}", id="brochure", marks=pytest.mark.req("S3.9")),
    pytest.param(["attendance", "customer=1", "name=Infoabend", "attended_on=02.11.2026"], "{attendances: {some: [{name: Infoabend}]}}", id="evening", marks=pytest.mark.req("S3.10")),
    pytest.param(["history_entry", "customer=1", "action=complaint_call", "field1=a", "field4=d", "field5=ja", "field6=nein"], "{history: {some: [{action: complaint_call}, {field1: a}, {field4: d}, {field5: true}, {field6: false}]}}", id="history", marks=pytest.mark.req("S3.1", "S3.12", "S3.13", "S3.23")),
    pytest.param(["conversation", "customer=1", "kind=hotline", "direction=inbound", "held_time=14:30", "content=Pumpe"], "{conversations: {some: [{kind: hotline}, {direction: inbound}, {held_time: {missing: false}}]}}", id="hotline", marks=pytest.mark.req("S2.6", "S2.8", "S2.10", "S2.12")),
    pytest.param(["conversation", "customer=1", "kind=complaint"], "{conversations: {some: [{kind: complaint}]}}", id="complaint", marks=pytest.mark.req("S2.7")),
    pytest.param(["conversation", "customer=1", "kind=sales", "direction=outbound"], "{conversations: {some: [{kind: sales}, {direction: outbound}]}}", id="sales", marks=pytest.mark.req("S2.9")),
    pytest.param(["document", "customer=1", "kind=service_call", "title=Abruf"], "{documents: {some: [{kind: service_call}]}}", id="service call", marks=pytest.mark.req("S4.9")),
    pytest.param(["document", "customer=1", "kind=support", "title=S"], "{documents: {some: [{kind: support}]}}", id="support", marks=pytest.mark.req("S4.10")),
    pytest.param(["document", "customer=1", "kind=warranty", "title=W"], "{documents: {some: [{kind: warranty}]}}", id="warranty", marks=pytest.mark.req("S4.11")),
    pytest.param(["document", "customer=1", "kind=note", "title=Notiz"], "{documents: {some: [{kind: note}]}}", id="note", marks=pytest.mark.req("S4.7")),
    pytest.param(["document", "customer=1", "kind=attachment", "file=brief.pdf"], "{documents: {some: [{kind: attachment}, {file: brief.pdf}]}}", id="attachment", marks=pytest.mark.req("S4.8")),
    pytest.param(["competitor_contract", "number=K1", "customer=1", "kind=leasing", "ends_on=01.12.2027"], "{competitor_contracts: {some: [{ends_on: {on_or_after: 2027-12-01}}]}}", id="elsewhere", marks=pytest.mark.req("S4.25")),
]  # fmt: skip


@pytest.mark.parametrize(("words", "found_by"), CASES)
def test_it_is_stored_and_found(capsys, site, words, found_by):
    clock = ["--now", "2026-11-24T10:00", "--site", str(site)]
    condition = f"[{found_by}, {{number: 1}}]"
    capsys.readouterr()
    assert run(["select", condition, "--json", *clock]) == 0
    assert json.loads(capsys.readouterr().out)["count"] == 0, "not before it is recorded"
    assert run(["record", *words, "--user", "ana", *clock]) == 0
    capsys.readouterr()
    assert run(["select", condition, "--json", *clock]) == 0
    assert json.loads(capsys.readouterr().out)["count"] == 1
