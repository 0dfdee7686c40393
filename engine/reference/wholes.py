"""Whole definitions, for each page of the reference: what its keywords are shown in. The tests check each of them as it stands, and every keyword's example in one."""

from __future__ import annotations

from engine.reference.word_wholes import WORDS

WHOLES: dict[str, str] = {
    "rules": """
rules:
  service_customer_stays_away:
    label: {de: Inspektionskunde bleibt aus, en: Service customer stays away}
    for: customer
    purpose: advertising
    when:
      - tagged: inspektionskunde
      - visits: {no: [{visited_on: {after: 15 months ago}}]}
    again: {not_before: 3 months, at_most: 3}
    at_start: hold
    limit: 200 per run
    do:
      call: {activity: service_call, due: 3 business days, assign: [service_adviser]}
  thirty_months_later:
    label: {de: Dreißig Monate danach, en: Thirty months later}
    for: customer
    purpose: advertising
    date: 30 months after customer_since_on
    where: [{kind: person}]
    catch_up: 60 days
    do: {call: {activity: phone_call, due: the date, closed_day: next, assign: [salesperson, sales_manager]}}
  never_in_the_workshop:
    label: {de: Noch nie in der Werkstatt, en: Never in the workshop}
    for: customer
    purpose: internal
    while:
      - purchases: {some: []}
      - visits: {no: [{kind: workshop}]}
    do: {show: {list: never_in_workshop}}
  visit_is_closed:
    label: {de: Besuch abgeschlossen, en: Visit closed}
    for: visit
    purpose: internal
    on: visit.closed
    do: {note: {history: {content: "Auftrag {{ number }} abgeschlossen"}}}
  offer_is_out:
    label: {de: Angebot ist draußen, en: The offer is out}
    for: offer
    purpose: service
    ground: offer.opportunity.requested_contact
    on: offer.sent
    do: {call: {activity: phone_call, due: 10 days, assign: [salesperson]}}
  winter:
    label: {de: Winter, en: Winter}
    for: customer
    purpose: advertising
    every: year on 09-25
    where: [{tagged: reifendienstkunde}]
    do: {write: {message: winter_tyres, channel: [email, letter]}}
  trade_in_finds_wishes:
    label: {de: Kaufgesuche zur Inzahlungnahme, en: Wishes that fit a trade-in}
    for: trade_in
    purpose: internal
    on: trade_in.recorded
    each: {wishes_matching: vehicle, score: 60, as: wish}
    do: {show: {list: matching_wishes}}
""",
    "effects": """
rules:
  a_delivery:
    label: {de: Auslieferung, en: A delivery}
    for: delivery
    purpose: advertising
    on: delivery.delivered
    do:
      write: {message: phase_2_news, to: customer, channel: [email, letter]}
      mark: {tag: fahrzeug_gekauft, completes: contract}
      count: {tag: stammkunde}
      unmark: {untag: kaufinteresse_kfz, to: customer}
      note: {history: {action: mailing, info: discount_granted}}
      care: {workflow: pipelines.after_sales}
      check: {activity: resubmission, to: customer, due: 3 business days, assign: [salesperson, sales_manager]}
  a_form:
    label: {de: Fragebogen, en: A form}
    for: questionnaire_response
    purpose: internal
    on: questionnaire_response.completed
    do: {mark: {tag: zufriedenheit, grade: grade, scale: scale}}
  a_customer:
    label: {de: Post kam zurück, en: Mail came back}
    for: customer
    purpose: internal
    when: [{mail_returned_on: {missing: false}}]
    do:
      tell: {event: customer.mail_returned}
      mark: {set: {address_checked_on: today}}
  an_offer:
    label: {de: Angebot, en: An offer}
    for: offer
    purpose: internal
    on: offer.sent
    do: {again: {workflow: pipelines.not_reached, subject: opportunity}}
  an_opportunity:
    label: {de: Anfrage, en: An enquiry}
    for: opportunity
    purpose: advertising
    on: opportunity.recorded
    do:
      owner: {assign: owner, to: [owner, next salesperson, sales_manager]}
      offers: {activity: vehicle_offer, tool: {field: brand, of: offer_tools}}
      fixed: {activity: appraisal, tool: {name: Eurotax, of: offer_tools}}
      mail: {message: offers_by_email, channel: [email], attach: open_offers}
  a_trade_in:
    label: {de: Inzahlungnahme, en: A trade-in}
    for: trade_in
    purpose: internal
    on: trade_in.recorded
    each: {wishes_matching: vehicle, as: wish}
    do: {show: {list: matching_wishes}}
""",
    "workflows": """
workflows:
  enquiry:
    label: {de: Anfrage, en: Enquiry}
    for: opportunity
    purpose: service
    ground: opportunity.requested_contact
    start: {on: opportunity.recorded}
    first: call
    stop_when: [{customer.deceased: true}]
    on:
      reported: {event: opportunity.lost, next: lost}
      offered: {event: offer.sent, about: opportunity, only_while: [{status: open}], next: won}
      given_up: {event: opportunity.lost, cancel: [call], complete: [several]}
    steps:
      call:
        activity: phone_call
        due: 2 business days
        assign: [owner, sales_manager]
        outcomes: {reached: {next: several}, not_reached: {tries: [4 hours, 1 day], else: {next: lost}}}
      several:
        branches:
          by_mail: {activity: email_follow_up, outcomes: {done: {}}}
          a_while: {wait: {for: 5 days}}
        join: first
        next: won
      won: {end: won}
      lost: {end: lost}
  a_call:
    label: {de: Ein Anruf, en: A call}
    for: opportunity
    purpose: advertising
    steps:
      call: {activity: phone_call, outcomes: {reached: {next: lost}}}
      lost: {end: lost}
""",
    "steps": """
workflows:
  every_kind:
    label: {de: Jede Art von Schritt, en: Every kind of step}
    for: opportunity
    purpose: service
    ground: opportunity.requested_contact
    start: {on: opportunity.recorded}
    steps:
      call:
        activity: phone_call
        due: 5 days
        assign: [owner]
        remind: on the day
        deadline: {after: 5 business days, next: pause}
        escalate: {after: 2 business days, to: sales_manager}
        only_while: [{status: open}]
        else: {next: lost}
        outcomes:
          reached: {next: which, do: {mark: {tag: kaufinteresse_kfz}}}
          not_reached: {tries: [4 hours, 1 day, 3 days], else: {next: pause}}
      pause: {wait: {for: 5 days, early: keep 30 days}, next: which}
      which: {decide: {bought: {where: [{contracts: {some: []}}], next: won}, else: {next: several}}}
      several:
        branches:
          by_phone: {activity: phone_call, where: [{customer.phone: {missing: false}}], outcomes: {reached: {}}}
          by_mail: {activity: email_follow_up, outcomes: {done: {}}}
          by_letter: {activity: resubmission, outcomes: {done: {next: then}}, steps: {then: {wait: {for: 1 day}}}}
        join: first
        rest: cancel
        next: each_offer
      each_offer:
        each: {offer: {of: offers, later: join, activity: resubmission, outcomes: {done: {}}}}
        join: all
        rest: cancel
        next: whichever
      whichever:
        wait:
          reported: {event: opportunity.lost, where: [{customer.deceased: false}], next: lost}
          late: {for: 10 days, next: listen, do: {mark: {tag: kaufinteresse_kfz}}}
          sometime: {until: next monday at 09:00, next: follow}
      listen: {wait: {event: opportunity.lost, early: keep 30 days}, next: thanks}
      follow: {workflow: pipelines.not_reached, outcomes: {lost: {next: lost}, won: {next: won}}}
      thanks: {do: {mark: {tag: stammkunde}}, next: greet}
      greet: {workflow: pipelines.new_customer, subject: customer, next: won}
      won: {end: won}
      lost: {end: lost}
""",
    "campaigns": """
campaigns:
  large_families:
    label: {de: Große Familien, en: Large families}
    purpose: advertising
    from: 2027-03-01
    until: 2027-04-15
    selection: large_companies
    where: [{kind: person}]
    spread: 200 per day
    limit: 2000 per run
    do: {mail: {message: winter_tyres, channel: [letter]}}
    response: {came: {some: visits, where: [{kind: workshop}], within: 6 weeks}}
  every_spring:
    label: {de: Jedes Frühjahr, en: Every spring}
    purpose: internal
    from: 03-01
    until: 04-15
    where: [{kind: company}]
    do: {show: {list: never_in_workshop}}
  check_is_ordered:
    label: {de: Bestellte Durchsicht, en: Check that was ordered}
    purpose: service
    ground: customer.check_ordered
    where: [{check_ordered: true}]
    from: 03-01
    until: 04-15
    do: {call: {activity: service_call, assign: [service_adviser]}}
fields:
  check_ordered: {for: customer, type: boolean, ground: true, label: {de: Durchsicht bestellt, en: Check ordered}}
selections:
  large_companies: {label: Große Firmen, where: [{kind: company}, {household_size: {missing: true}}]}
""",
    **WORDS,
}
"""Page -> a file with what the page is about."""
