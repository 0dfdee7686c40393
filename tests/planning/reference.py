"""A naive evaluator of conditions: the YAML data itself, over plain dicts, with day arithmetic of its own.

It shares nothing with the product but the table of entities: no parser, no tree, no calendar, no reading of the
trade's words. What it says is language.md read literally, record by record and day by day.
"""

import re
from calendar import isleap
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import cache
from zoneinfo import ZoneInfo

import holidays

DAY = timedelta(days=1)
ONE_OF = ("some", "no", "all", "count", "latest", "sum", "max", "min")
GRADES = {"DE": (1, 6), "AT": (1, 5), "CH": (6, 1)}
GERMAN = holidays.country_holidays("DE", years=range(1998, 2040))


def worth(grade, scale):
    """A school grade between 0 and 1 (A2)."""
    best, worst = GRADES[scale]
    return Fraction(worst - grade, worst - best)


def months_later(day, months):
    """The same day of a later month; where that month is shorter, its last (A4)."""
    year, month = day.year, day.month
    for _ in range(months):
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    for number in range(day.day, 0, -1):
        try:
            return date(year, month, number)
        except ValueError:
            continue
    raise AssertionError


def is_open(day):
    return day.weekday() < 5 and day not in GERMAN


def later(day, amounts):
    """A day moved on: months, then days, then one open day after another."""
    day = months_later(day, amounts.get("month", 0)) + amounts.get("day", 0) * DAY
    for _ in range(amounts.get("business day", 0)):
        day += DAY
        while not is_open(day):
            day += DAY
    return day


def amounts_of(text):
    found = {}
    for number, unit in re.findall(r"([0-9]+) (business day|year|month|week|day)s?", text):
        name, factor = {"year": ("month", 12), "week": ("day", 7)}.get(unit, (unit, 1))
        found[name] = found.get(name, 0) + int(number) * factor
    return found


@cache
def day_of(text, today):
    """The day a phrase names; `... ago` is the last day that, moved on by as much, has been reached."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return date.fromisoformat(text)
    if text in ("today", "yesterday", "tomorrow"):
        return today + {"today": 0, "yesterday": -1, "tomorrow": 1}[text] * DAY
    if text.startswith("start of "):
        first = today
        while not {
            "week": first.weekday() == 0, "month": first.day == 1, "quarter": first.day == 1 and first.month in (1, 4, 7, 10),
            "year": (first.month, first.day) == (1, 1),
        }[text.removeprefix("start of ")]:  # fmt: skip
            first -= DAY
        return first
    if text.endswith(" ago"):
        back = today
        while later(back, amounts_of(text)) > today:
            back -= DAY
        return back
    assert text.startswith("in "), text
    return later(today, amounts_of(text))


class Reference:
    def __init__(self, model, tables, now):
        self.model = model
        self.tables = tables  # entity -> {id: {field: value}}
        self.today = self.local_day(now)

    @staticmethod
    def local_day(instant):
        return instant.replace(tzinfo=UTC).astimezone(ZoneInfo("Europe/Berlin")).date()

    def day(self, phrase):
        return day_of(str(phrase), self.today)

    def ids(self, entity, data):
        return sorted(row for row in self.tables.get(entity, {}) if self.holds(data, ((entity, row),)))

    def holds(self, data, scope):
        if isinstance(data, list):
            return all(self.holds(item, scope) for item in data)
        return all(self.entry(key, value, scope) for key, value in data.items())

    def entry(self, key, value, scope):
        if key == "any":
            return any(self.holds(item, scope) for item in value)
        if key == "none_of":
            return not any(self.holds(item, scope) for item in value)
        if key == "not":
            return not self.holds(value, scope)
        if key in ("tagged", "phase", "consent"):
            return getattr(self, key)(value, scope)
        found, field = self.at(key, scope)
        if field.type == "many":
            return all(self.many(kind, spec, found, field, scope) for kind, spec in value.items())
        if isinstance(value, list):
            return any(self.compare(found, field, "is", item, scope) for item in value)
        if not isinstance(value, dict) or "field" in value:
            value = {"is": value}
        return all(self.compare(found, field, op, operand, scope) for op, operand in value.items())

    def at(self, path, scope):
        """What stands at a path (None: missing), and its field. A collection gives its records' ids."""
        while path.startswith("^."):
            path, scope = path[2:], scope[:-1]
        entity, row = scope[-1]
        for step in path.split("."):
            field = self.model[entity].fields[step]
            if field.type == "many":
                rows = self.tables.get(field.target, {})
                row = [] if row is None else [number for number, values in rows.items() if values.get(field.back) == row]
            elif row is not None and step != "id":
                value = self.tables[entity][row].get(step)
                row = bool(value) if field.type == "boolean" else None if value == "" else value
            entity = field.target
        return row, field

    def value(self, data, field, scope):
        if isinstance(data, dict):
            other, there = self.at(data["field"], scope)
            if other is None or "plus" not in data:
                return other
            if there.type in ("date", "datetime"):
                if field.type == "date" and isinstance(other, datetime):
                    other = self.local_day(other)
                return other + amounts_of(data["plus"])["day"] * DAY
            return other + (self.cents(data["plus"]) if field.type == "money" else data["plus"])
        if field.type == "money":
            return self.cents(data)
        return self.day(data) if field.type in ("date", "datetime") else data

    @staticmethod
    def cents(text):
        amount, _, _ = text.partition(" ")
        return int(Fraction(amount) * 100)

    def compare(self, found, field, op, operand, scope):
        if op == "missing":
            return (found is None) is operand
        if op == "is_not":
            return not self.compare(found, field, "is", operand, scope)
        if found is None:
            return False
        if op == "between":
            low, high = operand
            up = "on_or_after" if field.type in ("date", "datetime") else "at_least"
            down = "on_or_before" if field.type in ("date", "datetime") else "at_most"
            return self.compare(found, field, up, low, scope) and self.compare(found, field, down, high, scope)
        wanted = self.value(operand, field, scope)
        if wanted is None:
            return False
        if isinstance(found, datetime) and not isinstance(wanted, datetime):
            found = self.local_day(found)
        elif isinstance(wanted, datetime) and not isinstance(found, datetime):
            wanted = self.local_day(wanted)
        if op == "contains":
            return wanted.lower() in found.lower()
        if op == "starts_with":
            return found.lower()[: len(wanted)] == wanted.lower()
        if op == "anniversary":
            born = (2, 28) if (found.month, found.day) == (2, 29) and not isleap(wanted.year) else (found.month, found.day)
            return born == (wanted.month, wanted.day)
        if op == "is":
            return found == wanted
        if op in ("above", "after"):
            return found > wanted
        if op in ("below", "before"):
            return found < wanted
        return found >= wanted if op in ("at_least", "on_or_after") else found <= wanted

    def many(self, kind, spec, rows, field, scope):
        entity = field.target
        if kind in ("some", "no", "all"):
            hits = [self.holds(spec or [], (*scope, (entity, row))) for row in rows]
            return {"some": any(hits), "no": not any(hits), "all": all(hits)}[kind]
        rows = [row for row in rows if self.holds(spec.get("where", []), (*scope, (entity, row)))]
        if kind == "count":
            n = len(rows)
            asks = {"at_least": n.__ge__, "at_most": n.__le__, "is": n.__eq__, "above": n.__gt__, "below": n.__lt__}
            return all(asks[op](number) for op, number in spec.items() if op != "where")
        name = spec["by"] if kind == "latest" else spec["of"]
        valued = {row: self.tables[entity][row][name] for row in rows if self.tables[entity][row].get(name) is not None}
        if not valued:
            return False
        if kind == "latest":
            newest = max(valued.values())
            return any(self.holds(spec.get("is", []), (*scope, (entity, row))) for row, value in valued.items() if value == newest)
        total = {"sum": sum, "max": max, "min": min}[kind](valued.values())
        target = self.model[entity].fields[name]
        return all(self.compare(total, target, op, operand, scope) for op, operand in spec.items() if op not in ("where", "of"))

    def of_customer(self, scope, table):
        """The rows of a table that belong to the customer a record is about."""
        entity, row = scope[-1]
        way = {"customer": None, "vehicle": "owner"}.get(entity, "customer")
        customer = row if way is None else self.tables[entity][row].get(way)
        return [values for values in self.tables.get(table, {}).values() if customer is not None and values["customer"] == customer]

    def tagged(self, value, scope):
        spec = value if isinstance(value, dict) else {"kind": value}
        return any(self.counts(tag, spec) for tag in self.of_customer(scope, "tag"))

    def counts(self, tag, spec):
        """Whether a posting counts today: A1 excludes the limit's own day."""
        if tag["kind"] != spec["kind"] or tag.get("taken_back_on") or (tag.get("valid_until_on") and self.today >= tag["valid_until_on"]):
            return False
        if "value" in spec and tag.get("value") != spec["value"]:
            return False
        best = spec.get("at_least_as_good_as")
        if best is not None and (tag.get("grade") is None or worth(tag["grade"], tag["scale"]) < worth(best, spec.get("scale", "DE"))):
            return False
        posted = tag.get("posted_on")
        tests = {"after": date.__gt__, "before": date.__lt__, "on_or_after": date.__ge__, "on_or_before": date.__le__}
        return all(posted is not None and tests[op](posted, self.day(spec[op])) for op in tests if op in spec)

    def phase(self, number, scope):
        """A5: the running month since the latest delivery is 1 to 6, 7 to 28 or 29 to 36."""
        days = [row["delivered_on"] for row in self.of_customer(scope, "delivery") if row.get("delivered_on")]
        if not days or max(days) > self.today:
            return False
        running = 1
        while months_later(max(days), running) <= self.today:
            running += 1
        return {1: 1 <= running <= 6, 2: 7 <= running <= 28, 3: 29 <= running <= 36}[number]

    def consent(self, spec, scope):
        """P18, P19: documented, explicit, not withdrawn; by e-mail only once confirmed."""
        for row in self.of_customer(scope, "consent"):
            proofs = [row.get(name) for name in ("text_version", "given_at", "source", "evidence")]
            fits = row.get("purpose") == "advertising" and row.get("channel") == spec["channel"] and row.get("ground") == "explicit"
            if fits and all(proofs) and not row.get("withdrawn_at") and (spec["channel"] != "email" or row.get("confirmed_at")):
                return True
        return False
