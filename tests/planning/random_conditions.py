"""Hypothesis strategies: small stores, and conditions as a person writes them, made from the vocabulary."""

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from engine.language.vocabulary import Field, Vocabulary
from engine.store.model import with_own
from tests.planning.reference import Reference, worth

OWN = tuple(
    ("customer", Field(name, kind, name, name, choices=choices, own=True))
    for name, kind, choices in (
        ("berth_ends_on", "date", ()), ("berth_fee", "money", ()), ("boat", "choice", ("sail", "motor")), ("feet", "integer", ()),
        ("harbour", "text", ()), ("member", "boolean", ()), ("seen_at", "datetime", ()),
    )
)  # fmt: skip
MODEL = with_own(OWN)
TAGS = ("inspektionskunde", "reklamation")
WORDS = Vocabulary(MODEL, tags=dict.fromkeys(TAGS, ""))
FIELDS = {
    "customer": ["name", "city", "status", "birthday", "recorded_on", "household_size", "deceased", "referred_by"] + [field.name for _, field in OWN],
    "vehicle": ["kind", "brand", "model", "owner", "keeper", "available_on", "last_service_on", "odometer_km", "power_kw", "price", "market_value"],
    "visit": ["kind", "customer", "vehicle", "visited_on", "closed_on", "amount", "odometer_km"],
    "visit_position": ["visit", "kind", "what", "amount"],
    "tag": ["customer", "kind", "value", "grade", "scale", "posted_on", "valid_until_on", "taken_back_on"],
    "delivery": ["customer", "vehicle", "delivered_on", "planned_at"],
    "consent": ["customer", "channel", "ground", "purpose", "text_version", "source", "evidence", "given_at", "confirmed_at", "withdrawn_at", "notice_given"],
    "finance_contract": ["customer", "vehicle", "ends_on", "rate", "settlement", "balloon_payment"],
    "activity": ["kind", "status", "customer", "vehicle", "due_on", "created_at", "completed_at", "appointment_at"],
}
"""The tables of a random store, in the order in which they can be filled, and the columns that are filled."""
COLLECTIONS = {
    (entity, field.name): field
    for entity in FIELDS for field in MODEL[entity].fields.values()
    if field.type == "many" and field.target in FIELDS and field.back in FIELDS[field.target]
}  # fmt: skip
NOWS = [
    datetime(2026, 11, 24, 9), datetime(2027, 2, 28, 12), datetime(2024, 2, 29, 5), datetime(2026, 3, 31, 22, 30), datetime(2026, 10, 25, 0, 30),
    datetime(2026, 12, 31, 23, 30), datetime(2026, 5, 31, 10), datetime(2026, 4, 7, 8),
]  # fmt: skip
PHRASES = [
    "today", "yesterday", "tomorrow", "start of week", "start of month", "start of quarter", "start of year", "2024-02-29", "2026-01-31", "30 days ago",
    "2 weeks ago", "1 month ago", "15 months ago", "32 months ago", "1 year and 6 months ago", "3 business days ago", "10 business days ago",
    "1 month and 2 business days ago", "in 6 weeks", "in 1 month", "in 3 business days", "in 13 months",
]  # fmt: skip
TEXTS = ["Müller", "ÄRGER", "ärmel", "x' or 1=1 --", "a%b_c", "A\\B!", "Ford", "BMW", "Straße"]
PARTS = ["ä", "Ä", "%", "_", "\\", "!", "b", "'", "FORD", "", "SS", "ß", "a%B"]
MONEY = {0: "0.00 EUR", 9999: "99.99 EUR", 10000: "100.00 EUR", 150000: "1500 EUR", -500: "-5.00 EUR"}
NUMBERS = [0, 1, 2, 3, 100]
ORDER_WORDS = ("above", "at_least", "below", "at_most")
DAY_WORDS = ("before", "after", "on_or_before", "on_or_after")


def boundaries(now):
    """The days on which some phrase or lifecycle turns, and their neighbours; and instants around local midnights."""
    reference = Reference(MODEL, {}, now)
    turns = {reference.day(phrase) for phrase in PHRASES} | {reference.day(f"{n} months ago") for n in (6, 28, 36)}
    days = sorted({day + timedelta(days=n) for day in turns for n in (-1, 0, 1)} | {date(2000, 2, 29), date(1999, 2, 28)})
    midnights = [datetime.combine(day, time(0), ZoneInfo("Europe/Berlin")).astimezone(UTC).replace(tzinfo=None) for day in days]
    return days, [midnight + timedelta(minutes=n) for midnight in midnights for n in (-1, 0, 600)]


BOUNDARIES = {now: boundaries(now) for now in NOWS}


def values(field, now):
    """What a column of a random row may hold; missing now and then."""
    days, instants = BOUNDARIES[now]
    if field.type == "boolean":
        return [False, True]
    pool = {
        "text": TEXTS, "choice": list(field.choices[:3]), "integer": NUMBERS, "money": list(MONEY), "date": days, "datetime": instants,
    }[field.type]  # fmt: skip
    return [None, *([""] if field.type == "text" else []), *(pool * (1 + 6 // len(pool)))]


class Dice:
    """Picks by one byte each: one draw makes a whole store, and it shrinks towards what stands first."""

    def __init__(self, data):
        self.data = iter(data)

    def pick(self, pool):
        return pool[next(self.data, 0) % len(pool)]


FULL = st.integers(0, 2**32).map(lambda seed: Random(seed).randbytes(600))
"""Bytes as even as dice; hypothesis' own are mostly zeros, which would leave most stores empty. It shrinks to those."""


@st.composite
def stores(draw, now, least=3, most=6):
    """Rows of every table; references are positions (from 0) in the table they lead to."""
    dice = Dice(draw(st.one_of(st.binary(min_size=600, max_size=600), FULL, FULL, FULL)))
    rows = {}
    for entity, names in FIELDS.items():
        number = dice.pick(range(least, most + 1))
        rows[entity] = [row(dice, entity, names, now, number, rows) for number in range(number)]
    return rows


def row(dice, entity, names, now, number, rows):
    made = {}
    for name in names:
        field = MODEL[entity].fields[name]
        if field.type == "ref":
            there = range(len(rows.get(field.target, ())))
            made[name] = dice.pick([*([] if field.required else [None]), *there]) if there else None
        else:
            made[name] = dice.pick(values(field, now))
    key = MODEL[entity].key
    if key:
        made[key] = number if MODEL[entity].fields[key].type == "integer" else f"{entity}{number}"
    if entity == "tag":
        made["kind"] = dice.pick(TAGS)
        made["scale"] = made["scale"] or "DE"
        made["grade"] = None if made["grade"] in (None, 0, 100) else made["grade"]
        made["grade_score"] = None if made["grade"] is None else int(1000 * worth(made["grade"], made["scale"]))
    if entity == "activity":
        made["kind"] = made["kind"] or "call"
    if entity == "consent" and dice.pick([False, True]):
        made.update(ground="explicit", purpose="advertising", text_version="1", source="Haus", evidence="Formular")
        made["given_at"] = made["given_at"] or now
    return made


@st.composite
def conditions(draw, scope, depth=0):
    """A condition about the innermost record of a scope (entities from the outermost to the innermost)."""
    shape = draw(st.integers(0, 11)) if depth < 2 else 11
    if shape == 0:
        return {draw(st.sampled_from(["any", "none_of"])): draw(st.lists(conditions(scope, depth + 1), min_size=1, max_size=3))}
    if shape == 1:
        return {"not": draw(conditions(scope, depth + 1))}
    if shape == 2:
        return draw(st.lists(conditions(scope, depth + 1), min_size=2, max_size=3))
    if shape in (3, 4):
        return draw(words())
    if shape in (5, 6, 7, 8):
        found = draw(quantified(scope, depth))
        if found:
            return found
    return draw(compared(scope))


@st.composite
def words(draw):
    """The trade's own words, in all their forms."""
    word = draw(st.sampled_from(["tagged", "tagged", "phase", "consent", "consent"]))
    if word == "phase":
        return {"phase": draw(st.sampled_from([1, 2, 3]))}
    if word == "consent":
        return {"consent": {"purpose": "advertising", "channel": draw(st.sampled_from(["email", "sms", "phone"]))}}
    kind = draw(st.sampled_from(TAGS))
    spec = {"kind": kind}
    for op in draw(st.sets(st.sampled_from(DAY_WORDS), max_size=2)):
        spec[op] = draw(st.sampled_from(PHRASES))
    if draw(st.integers(0, 3)) == 0:
        spec["value"] = draw(st.sampled_from(TEXTS))
    if draw(st.integers(0, 2)) == 0:
        spec["at_least_as_good_as"] = draw(st.integers(1, 5))
        if draw(st.booleans()):
            spec["scale"] = draw(st.sampled_from(["DE", "AT", "CH"]))
    return {"tagged": spec if len(spec) > 1 or draw(st.booleans()) else kind}


def plain_paths(scope, levels=True):
    """The paths to single values from a record: own fields, one and two hops on, and out to the records around it."""
    found = []
    for up in range(len(scope) if levels else 1):
        front, entity = "^." * up, scope[-1 - up]
        for name in FIELDS[entity]:
            field = MODEL[entity].fields[name]
            found.append((front + name, field))
            if field.type != "ref" or field.target not in FIELDS:
                continue
            found.append((f"{front}{name}.id", MODEL[field.target].fields["id"]))
            for inner in FIELDS[field.target]:
                further = MODEL[field.target].fields[inner]
                found.append((f"{front}{name}.{inner}", further))
                if further.type == "ref" and further.target in FIELDS and up == 0:
                    found += [(f"{name}.{inner}.{last}", MODEL[further.target].fields[last]) for last in FIELDS[further.target]]
    return found


PATHS = {}


def paths(scope):
    if scope not in PATHS:
        PATHS[scope] = plain_paths(scope)
    return PATHS[scope]


@st.composite
def compared(draw, scope):
    """A field compared; paths that stay near are likelier."""
    all_paths = paths(scope)
    near = [found for found in all_paths if "." not in found[0]]
    path, field = draw(st.sampled_from(draw(st.sampled_from([near, all_paths]))))
    return {path: draw(comparisons(field, scope, aggregate=False))}


LIKE = {"text": ("text", "choice"), "choice": ("text", "choice"), "date": ("date", "datetime"), "datetime": ("date", "datetime")}


@st.composite
def computed(draw, field, scope):
    """`{field: path}`, with `plus` where something can be added; None where nothing is like it."""
    like = LIKE.get(field.type, (field.type,))
    there = [path for path, other in paths(scope) if other.type in like and (field.type != "ref" or other.target == field.target)]
    if not there:
        return None
    spec = {"field": draw(st.sampled_from(there))}
    plus = {"money": ["15.00 EUR", "-5 EUR", "1500.00 EUR"], "integer": [1, -2, 100], "date": ["7 days", "2 weeks"], "datetime": ["1 day", "30 days"]}
    if field.type in plus and draw(st.booleans()):
        spec["plus"] = draw(st.sampled_from(plus[field.type]))
    return spec


def literal(field):
    pool = {
        "text": TEXTS, "choice": field.choices[:3] or TEXTS, "integer": NUMBERS, "money": list(MONEY.values()), "boolean": [True, False], "date": PHRASES,
        "datetime": PHRASES,
    }[field.type]  # fmt: skip
    return st.sampled_from(pool)


@st.composite
def comparisons(draw, field, scope, aggregate):
    """What stands behind `path:`; for an aggregate a map of operators only."""
    order = {"integer": ORDER_WORDS, "money": ORDER_WORDS, "date": DAY_WORDS, "datetime": DAY_WORDS}.get(field.type, ())
    words = ["is", *order] if aggregate else ["is", "is_not", "missing", *order]
    if not aggregate:
        words += ["between"] if order else []
        words += ["contains", "starts_with"] if field.type in ("text", "choice") else []
        words += ["anniversary"] if field.type == "date" else []
        if field.type != "ref" and draw(st.integers(0, 3)) == 0:
            return draw(st.one_of(literal(field), st.lists(literal(field), min_size=1, max_size=3)))
    made = {}
    for op in draw(st.lists(st.sampled_from(words), min_size=1, max_size=2, unique=True)):
        if op == "missing":
            made[op] = draw(st.booleans())
        elif op in ("contains", "starts_with"):
            made[op] = draw(st.one_of(st.sampled_from(PARTS), computed(field, scope)))
        elif op == "anniversary":
            made[op] = draw(literal(field))
        elif op == "between":
            made[op] = [draw(operand(field, scope)), draw(operand(field, scope))]
        else:
            made[op] = draw(operand(field, scope))
    return made


@st.composite
def operand(draw, field, scope):
    found = draw(computed(field, scope)) if field.type == "ref" or draw(st.integers(0, 2)) == 0 else None
    return found if found or field.type == "ref" else draw(literal(field))


@st.composite
def quantified(draw, scope, depth):
    """A statement about related records, on the record itself, one hop on or one level out; None where there are none."""
    ways = [(name, field) for (entity, name), field in COLLECTIONS.items() if entity == scope[-1]]
    for hop in FIELDS[scope[-1]]:
        found = MODEL[scope[-1]].fields[hop]
        if found.type == "ref" and found.target in FIELDS:
            ways += [(f"{hop}.{name}", field) for (entity, name), field in COLLECTIONS.items() if entity == found.target]
    if len(scope) > 1 and draw(st.integers(0, 3)) == 0:
        ways = [(f"^.{name}", field) for (entity, name), field in COLLECTIONS.items() if entity == scope[-2]] or ways
    if not ways:
        return None
    path, field = draw(st.sampled_from(ways))
    inner = (*scope, field.target)
    inside = st.lists(conditions(inner, depth + 1), max_size=2)
    kinds = ["some", "no", "all", "count", "latest", "sum", "max", "min"]
    made = {}
    for kind in draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=2, unique=True)):
        if kind in ("some", "no", "all"):
            made[kind] = draw(inside)
        elif kind == "count":
            made[kind] = {"where": draw(inside)} if draw(st.booleans()) else {}
            for op in draw(st.lists(st.sampled_from(["at_least", "at_most", "is", "above", "below"]), min_size=1, max_size=2, unique=True)):
                made[kind][op] = draw(st.integers(0, 3))
        elif kind == "latest":
            by = [name for name in FIELDS[field.target] if MODEL[field.target].fields[name].type in ("date", "datetime")]
            if by:
                made[kind] = {"by": draw(st.sampled_from(by)), "where": draw(inside), "is": draw(inside)}
        else:
            types = ("integer", "money") if kind == "sum" else ("integer", "money", "date", "datetime")
            of = [name for name in FIELDS[field.target] if MODEL[field.target].fields[name].type in types]
            if of:
                name = draw(st.sampled_from(of))
                spec = {"of": name, **draw(comparisons(MODEL[field.target].fields[name], scope, aggregate=True))}
                made[kind] = {**spec, "where": draw(inside)} if draw(st.booleans()) else spec
    return {path: made} if made else None


@st.composite
def cases(draw):
    """A moment, a store, an entity and a condition about it."""
    now = draw(st.sampled_from(NOWS))
    entity = draw(st.sampled_from(["customer", "customer", "visit", "vehicle", "activity"]))
    return now, entity, draw(conditions((entity,))), draw(stores(now))
