"""A dealer's own fields (S4.4): declared in YAML, then used like built-in ones, on both databases."""

from datetime import datetime

import pytest

from engine.commands import run
from engine.language.findings import RegelwerkError
from engine.planning.query import QueryContext, ids
from engine.planning.values import load
from engine.running.tick import tick
from engine.site import load_site
from engine.store.imports import load_file
from engine.store.store import Store

NOW = datetime(2026, 3, 2, 9)
OWN = """
fields:
  boat: {for: customer, type: choice, values: [sail, motor], label: {de: Boot, en: Boat}}
  berth_ends_on: {for: customer, type: date, label: {de: Liegeplatz bis, en: Berth until}}
  berth_fee: {for: customer, type: money, label: Liegegeld}
  member: {for: [customer, vehicle], type: boolean, label: Mitglied}
  seen_at: {for: customer, type: datetime, label: Gesehen}
  feet: {for: customer, type: integer, label: Fuß}
events:
  boat.changed: {entity: customer, when: {boat: changes}, label: Boot}
imports:
  boats:
    entity: customer
    columns: {Nr: number, Boot: boat, Bis: berth_ends_on, Geld: berth_fee, Mitglied: member, Fuß: feet, Gesehen: seen_at}
selections:
  sailors: {label: Segler, where: [{boat: sail}]}
rules:
  sailor: {label: S, for: customer, purpose: internal, while: [{boat: sail, berth_fee: {above: 100 EUR}}], do: {mark: {tag: stammkunde}}}
  berth: {label: B, for: customer, purpose: internal, date: 30 days before berth_ends_on, do: {note: {history: {content: "{{ boat }}"}}}}
  changed: {label: C, for: customer, purpose: internal, on: boat.changed, do: {join: {set: {member: true}}}}
"""
CSV = "Nr;Boot;Bis;Geld;Mitglied;Fuß;Gesehen\n1;sail;01.04.2026;120,50;ja;30;01.03.2026 08:00\n2;motor;;99,00;nein;;\n"


def write(folder, text=OWN):
    (folder / "rules").mkdir(exist_ok=True)
    (folder / "regelwerk.yaml").write_text("pack: site\npacks: [standard]\n", "utf-8")
    (folder / "rules" / "own.yaml").write_text(text, "utf-8")
    site = load_site(folder)
    assert [str(finding) for finding in site.findings()] == []
    return site


def at_home(site, store):
    setting = site.setting(store)
    setting.rules = [rule for rule in setting.rules if rule.id.startswith("site.")]
    return setting


@pytest.mark.req("S4.4")
def test_import_conditions_dates_events_and_effects_take_them(target, tmp_path):
    Store.open(target, create=True).close()  # a store from before the fields were declared
    site = write(tmp_path)
    (tmp_path / "boote.csv").write_text(CSV, "utf-8")
    store = Store.open(target, own=site.own)
    setting = at_home(site, store)
    assert load_file(store, site.sections["imports"]["boats"], tmp_path / "boote.csv", NOW, site.calendar).added == 2
    tick(setting, NOW)
    sailor = store.rows("SELECT id FROM customer WHERE number = 1", [])[0][0]
    assert [row[0] for row in store.rows("SELECT customer FROM tag WHERE taken_back_on IS NULL", [])] == [sailor]
    assert ids(store, "customer", *_selection(site)) == [sailor]
    loaded = load(store, "customer", [sailor], ["berth_fee", "seen_at", "member", "feet"])[sailor]
    assert loaded == {"berth_fee": 12050, "seen_at": datetime(2026, 3, 1, 7), "member": True, "feet": 30}
    assert [row[0] for row in store.rows("SELECT content FROM history_entry", [])] == ["sail"]

    (tmp_path / "boote.csv").write_text(CSV.replace("1;sail", "1;motor").replace("2;motor", "2;sail"), "utf-8")
    load_file(store, site.sections["imports"]["boats"], tmp_path / "boote.csv", NOW, site.calendar, quiet=False)
    tick(setting, NOW)
    assert store.rows("SELECT COUNT(*) FROM tag WHERE taken_back_on IS NULL", [])[0][0] == 0
    assert [bool(row[0]) for row in store.rows("SELECT member FROM customer ORDER BY number", [])] == [True, True]
    store.close()


def _selection(site):
    from engine.language.conditions import parse_condition

    return parse_condition(site.sections["selections"]["sailors"]["where"], "customer", site.compiled.vocabulary)[0], QueryContext(NOW, site.calendar)


def test_a_new_store_has_them_and_logs_their_changes(target, tmp_path):
    site = write(tmp_path)
    store = Store.open(target, create=True, own=site.own)
    with store.session(write=True):
        number = store.insert_many("customer", [{"number": 1, "boat": "sail"}])[0]
        store.update_many("customer", [{"id": number, "boat": "motor", "feet": 12}])
    changed = store.rows("SELECT changed FROM change WHERE operation = 'update'", [])[0][0].replace(" ", "")
    assert '"boat":["sail","motor"]' in changed
    assert '"feet":[null,12]' in changed
    with store.throwaway() as copy, copy.session(write=True):
        copy.update_many("customer", [{"id": number, "boat": "sail"}])
    store.close()


def test_a_field_no_longer_declared_keeps_its_values_and_its_changes_are_logged_again_later(target, tmp_path):
    site = write(tmp_path)
    store = Store.open(target, create=True, own=site.own)
    with store.session(write=True):
        number = store.insert_many("customer", [{"number": 1, "boat": "sail"}])[0]
    store.close()
    other = write(tmp_path, "fields:\n  shoe: {for: customer, type: integer, label: Schuh}\n")
    store = Store.open(target, own=other.own)
    with store.session(write=True):
        store.update_many("customer", [{"id": number, "shoe": 43}])
        store.insert_many("customer", [{"number": 2}])
    store.close()
    site = write(tmp_path)
    store = Store.open(target, own=site.own)
    assert load(store, "customer", [number], ["boat"])[number] == {"boat": "sail"}
    with store.session(write=True):
        store.update_many("customer", [{"id": number, "boat": None}])
    logged = [row[0].replace(" ", "") for row in store.rows("SELECT changed FROM change WHERE operation = 'update' ORDER BY id", [])]
    assert logged[0].startswith('{"shoe":[null,43]')
    assert logged[1].startswith('{"boat":["sail",null]')
    store.close()


def test_a_site_whose_field_has_another_type_goes_on_without_it(tmp_path, capsys):
    Store.open(tmp_path / "regelwerk.db", create=True, own=write(tmp_path).own).close()
    feet = "fields:\n  feet: {for: customer, type: date, label: Fuß}\n  shoe: {for: customer, type: integer, label: Schuh}\n"
    rule = "  {}: {{label: A, for: customer, purpose: internal, when: [{{{}: {{missing: false}}}}], do: {{mark: {{tag: stammkunde}}}}}}\n"
    write(tmp_path, feet + "rules:\n" + rule.format("a", "feet") + rule.format("b", "shoe"))
    assert run(["check", "--site", str(tmp_path)]) == 3
    said = capsys.readouterr().out
    assert (
        "rules/own.yaml:2:31: error field-other-type: 'feet' had another type, and the store keeps its values; take a new name, or write the old type" in said
    )
    assert "customer has no field 'feet'" in said
    assert run(["run", "--site", str(tmp_path), "--now", "2026-03-02T10:00"]) == 1
    assert "field-other-type" in capsys.readouterr().err
    assert run(["record", "customer", "number=1", "shoe=43", "--site", str(tmp_path)]) == 0
    assert run(["why", "site.b", "customer:1", "--site", str(tmp_path)]) == 0


def test_another_type_under_the_same_name_is_refused(target, tmp_path):
    Store.open(target, create=True, own=write(tmp_path).own).close()
    site = write(tmp_path, "fields:\n  feet: {for: customer, type: date, label: Fuß}\n")
    with pytest.raises(RegelwerkError, match=r"customer\.feet was declared with another type") as error:
        Store.open(target, own=site.own)
    assert error.value.exit_code == 3
    site = write(tmp_path, "fields:\n  boat: {for: customer, type: text, label: Boot}\n")
    Store.open(target, own=site.own).close()  # a choice is text
