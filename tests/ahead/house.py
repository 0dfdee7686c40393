"""A small site with one rule that calls and one workflow, for looking ahead."""

from datetime import date, datetime

from engine.site import load_site

NOW = datetime(2026, 3, 2, 7)
RULES = """
activities:
  ring: {label: Anruf, outcomes: [reached, missed]}
  visit_us: {label: Besuch, outcomes: [came, stayed_away]}
tags:
  known: {number: 300, label: Bekannt}
  other: {number: 301, label: Anderes}
templates:
  hello: {label: Gruss, subject: Guten Tag, body: Hallo}
events:
  opportunity.recorded: {entity: opportunity, when: created, label: {de: Erfasst, en: Recorded}}
rules:
  call:
    label: {de: Anrufen, en: Call}
    for: delivery
    purpose: internal
    date: 10 days after delivered_on
    catch_up: all
    do: {call: {activity: ring, due: the date, assign: [salesperson]}}
  mark:
    label: {de: Kennzeichnen, en: Mark}
    for: customer
    purpose: internal
    while: [{deliveries: {some: []}}]
    do: {mark: {tag: known}}
  apart:
    label: {de: Anderes, en: Apart}
    for: customer
    purpose: internal
    while: [{wishes: {some: []}}]
    do: {mark: {tag: other}}
"""
FLOWS = """
workflows:
  chain:
    label: {de: Kette, en: Chain}
    for: opportunity
    purpose: internal
    start: {on: opportunity.recorded}
    steps:
      first: {activity: ring, due: in 2 days, assign: [owner], outcomes: {reached: {next: second}, missed: {next: lost}}}
      second: {activity: visit_us, appointment: ask, assign: [owner], outcomes: {came: {next: won}, stayed_away: {next: lost}}}
      won: {end: won}
      lost: {end: lost}
"""


def house(folder, store="store.db", deliveries=6):
    """A site in a folder with its store: deliveries on the first days of March, one opportunity."""
    (folder / "rules").mkdir(parents=True)
    (folder / "workflows").mkdir()
    (folder / "words").mkdir()
    (folder / "words" / "pack.yaml").write_text("pack: words\nversion: 1.0.0\nlabel: Words\n", "utf-8")
    (folder / "regelwerk.yaml").write_text(f"pack: site\nlanguage: de\nstore: {store}\npacks: [words]\n", "utf-8")
    (folder / "rules" / "own.yaml").write_text(RULES, "utf-8")
    (folder / "workflows" / "own.yaml").write_text(FLOWS, "utf-8")
    site = load_site(folder)
    assert not site.findings(), [str(one) for one in site.findings()]
    opened = site.open_store(create=True)
    with opened.session(write=True):
        ana = opened.insert_many("employee", [{"initials": "ana"}])[0]
        rows = [{"number": n, "name": f"Kunde {n}", "kind": "company", "country": "DE", "salesperson": ana} for n in range(1, deliveries + 1)]
        customers = opened.insert_many("customer", rows)
        rows = [{"number": f"D{n}", "customer": one, "salesperson": ana, "delivered_on": date(2026, 2, 23 + n)} for n, one in enumerate(customers)]
        opened.insert_many("delivery", rows)
        opened.insert_many("opportunity", [{"number": "O1", "customer": customers[0], "owner": ana, "status": "open"}])
    opened.close()
    return folder


def everything(store):
    """Every row of every table: what must not change."""
    return {name: store.rows(f'SELECT * FROM "{name}" ORDER BY id', []) for name in store.model}
