"""Whole definitions of the words of the trade, of tests, of changes, and whole documents; see wholes.py."""

from __future__ import annotations

WORDS: dict[str, str] = {
    "questionnaires": """
questionnaires:
  after_the_talk:
    label: {de: Nach dem Gespräch, en: After the talk}
    questions:
      payment: {label: Zahlung, type: choice, values: {cash: Barkauf, leasing: Leasing}, required: true}
      wishes: {label: Gefragt nach, type: text, field: opportunity.asked_for}
""",
    "offer_tools": """
offer_tools:
  saab: {label: Saab, brand: Saab, tool: VSMA}
""",
    "tags": """
tags:
  segler: {number: 201, label: {de: Segler, en: Sailor}, lifetime: 24 months, several: true, grades: false}
""",
    "activities": """
activities:
  berth_call: {label: {de: Anruf zum Liegeplatz, en: Call about the berth}, outcomes: [reached, not_reached], form: satisfaction, channel: phone}
""",
    "roles": """
roles:
  harbour_master: {label: {de: Hafenmeister, en: Harbour master}, may: [give_out_addresses]}
""",
    "choices": """
choices:
  lost_reasons: {too_far_away: {de: Zu weit weg, en: Too far away}}
""",
    "lists": """
lists:
  to_visit: {label: {de: Zu besuchen, en: To visit}}
""",
    "templates": """
templates:
  berth_ends:
    label: {de: Liegeplatz endet, en: Berth ends}
    subject: {de: Ihr Liegeplatz}
    body: {de: "Guten Tag {{ customer.name }}, Ihr Liegeplatz endet bald."}
""",
    "events": """
events:
  visit.opened: {entity: visit, when: created, label: {de: Besuch angelegt, en: Visit opened}}
  visit.in_workshop: {entity: visit, when: {kind: {becomes: workshop}}, label: {de: In der Werkstatt, en: In the workshop}}
""",
    "parameters": """
parameters:
  berth_before: {type: duration, default: 30 months, min: 1 month, max: 10 years, label: {de: Vorlauf, en: Ahead}}
  berth_name: {type: text, default: Hafen, label: {de: Name, en: Name}}
""",
    "calendars": """
calendars:
  harbour: {zone: Europe/Berlin, region: DE-SH, catholic: false, open: {monday: "08:00-18:00", saturday: ["09:00-12:00"]}, closed: [2026-12-24 to 2027-01-01], day_starts: "06:00", closed_day: next}
""",
    "selections": """
selections:
  far_away: {label: {de: Weit weg, en: Far away}, for: customer, where: [{none_of: [{postal_code: {starts_with: "5"}}]}]}
""",
    "imports": """
imports:
  our_customers:
    label: {de: Kunden aus dem DMS, en: Customers of the DMS}
    entity: customer
    key: [number]
    mode: full
    file: {encoding: windows-1252, delimiter: ";", decimal: ",", dates: dd.mm.yyyy}
    constants: {country: DE}
    other_columns: ignore
    columns:
      Kundennummer: number
      Name: name
      Verkäufer: {field: salesperson, by: initials}
      Art: {field: kind, values: {F: company, P: person}}
""",
    "fields": """
fields:
  boat_berth: {for: customer, type: choice, values: [marina, river], label: {de: Liegeplatz, en: Berth}}
  berth_number: {for: [customer, vehicle], type: text, label: {de: Liegeplatznummer, en: Number of the berth}}
  berth_ordered: {for: customer, type: boolean, ground: true, label: {de: Liegeplatz bestellt, en: Berth ordered}}
""",
    "tests": """
tests:
  a_regular_customer:
    label: {de: Stammkunde, en: Regular customer}
    of: [standard.regular_customer]
    given: {customers: [{number: 1, name: Maier}]}
    from: 2026-03-01
    happens:
      - on: 2026-03-02
        visits: [{number: A1, customer: 1, kind: workshop, visited_on: 2026-03-02}]
        done: [{kind: phone_call, outcome: reached, customer: 1}]
    rows: {once: {found: []}}
    expect:
      - {by: 2026-03-04, nothing: true}
      - {by: 2026-03-05, tags: [{kind: stammkunde, customer: 1}], open: [phone_call], cases: [{workflow: pipelines.sales, status: running, steps: [first_call]}]}
""",
    "change": """
change:
  standard.remotorisation: {date: 30 months after delivered_on}
  standard.winter_tyres: {enabled: false}
  templates.winter_tyres: {subject: {de: Jetzt wechseln}}
""",
    "regelwerk": """
pack: autohaus
language: de
store: regelwerk.db
packs: [standard, pipelines]
left_open: keep
calendar: {zone: Europe/Berlin, region: DE-NW, open: {monday: "08:00-18:00", tuesday: "08:00-18:00"}}
branches:
  KOE: {}
  WIE: {zone: Europe/Vienna, region: AT-9}
parameters:
  standard.remotorisation_after: {default: 30 months, branch: {KOE: 28 months}, brand: {Honda: 24 months}}
""",
    "pack": """
pack: house
version: "1.4.0"
label: {de: Hausregeln, en: House rules}
description: What our house does differently.
""",
    "assumptions": """
seed: 7
otherwise: {after: 0 to 2 business days, never: 10}
activities:
  phone_call: {outcomes: {reached: 60, not_reached: 40}, after: 1 day, never: 5, appointment: 1 to 5 business days, answers: {grade: [1, 2, 2, 3]}}
""",
}
"""Page -> a file with what the page is about."""
