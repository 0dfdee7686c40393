"""Whether data fits, as jsonschema says it: over every shipped definition, each with something of it spoilt."""

import copy
from random import Random

import pytest
from jsonschema import Draft202012Validator

from engine import schemas
from engine.definitions.collect import collect
from engine.definitions.fits import Maker
from engine.shipped import shipped_folder

SHIPPED = collect([("standard", shipped_folder("rules"), "standard"), ("pipelines", shipped_folder("workflows"), "pipelines")])
ODD = [None, True, False, 0, 1, -7, 10**6, 1.5, "", "x", "always", [], ["x"], ["x", "x"], [1, True], {}, {"x": 1}, {"call": {}}, {"tag": "x", "assign": "y"}]


def ways(value, at=()):
    yield at
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from ways(inner, (*at, key))


def spoilt(data, dice):
    """The data with one value put elsewhere, replaced, taken out or put in."""
    data = copy.deepcopy(data)
    *way, last = dice.choice([way for way in ways(data) if way])
    here = data
    for step in way:
        here = here[step]
    deed = dice.randrange(3)
    if deed == 0:
        del here[last]
    elif deed == 1:
        here[last] = dice.choice(ODD)
    elif isinstance(here, dict):
        here[dice.choice(["x", "on", "when", "remove", "activity", "tag", "wait", "end", "next"])] = dice.choice(ODD)
    else:
        here.append(dice.choice([*ODD, here[last]]))
    return data


@pytest.mark.parametrize("section", [name for name in SHIPPED.sections if SHIPPED.sections[name]])
def test_it_says_what_jsonschema_says(section):
    schema, dice = schemas.SECTION_SCHEMAS[section], Random(section)
    fits, validator, seen = Maker(schema).make(schema), Draft202012Validator(schema), set()
    definitions = list(SHIPPED.sections[section].values())
    for turn in range(150):
        data = dice.choice(definitions).data
        for _ in range(turn % 4):
            data = spoilt(data, dice) if data else data
        assert fits(data) is validator.is_valid(data), data
        seen.add(fits(data))
    assert seen == {True, False}


def test_a_keyword_that_is_not_known_is_no_yes():
    with pytest.raises(ValueError, match="oneOf"):
        Maker({}).make({"oneOf": [True]})
