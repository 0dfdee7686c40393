from engine.running.compiling import compile_sections
from tests.running.sites import shipped_sections

HEAD = {"label": "L", "for": "customer", "purpose": "internal"}


def compiled(rules):
    sections = shipped_sections()
    sections["rules"] = {name: HEAD | rule for name, rule in rules.items()}
    return compile_sections(sections)


def test_a_level_comes_after_what_it_reads_whatever_its_name():
    found = compiled(
        {
            "a": {"while": [{"tagged": "mailing"}, {"list_entries": {"some": [{"list": "matching_wishes"}]}}], "do": {"x": {"tag": "empfehler"}}},
            "b": {"while": [{"status": "former"}], "do": {"x": {"tag": "mailing"}}},
            "c": {"while": [{"profession": "Ärztin"}], "do": {"x": {"set": {"status": "former"}}}},
            "d": {"while": [{"tagged": "empfehler"}], "do": {"x": {"tag": "stammkunde"}}},
            "e": {"while": [{"tagged": "mailing"}], "do": {"x": {"list": "matching_wishes"}}},
        }
    )
    names = [rule.id for rule in found.rules]
    assert not found.problems
    for before, after in ("cb", "ba", "be", "ea", "ad"):
        assert names.index(before) < names.index(after)


def test_another_kind_of_tag_is_no_dependence():
    found = compiled(
        {
            "a": {"while": [{"tagged": "mailing"}], "do": {"x": {"tag": "empfehler"}}},
            "b": {"while": [{"not": {"tagged": "stammkunde"}}], "do": {"x": {"tag": "mailing"}}},
        }
    )
    assert not found.problems


def test_a_condition_over_any_tag_waits_for_all_and_a_cycle_is_named():
    found = compiled(
        {
            "a": {"while": [{"tags": {"no": [{"value": "x"}]}}], "do": {"x": {"tag": "empfehler"}}},
            "b": {"while": [{"customer_since_on": {"missing": False}}], "do": {"x": {"tag": "mailing"}}},
        }
    )
    assert [rule.id for rule in found.rules if not rule.id.startswith("law.")] == ["b"]
    (problem,) = found.problems["a"]
    assert (problem.code, problem.message) == ("rule-level-cycle", "`while` rules wait for each other: a reads a")


def test_every_other_kind_is_any_kind():
    found = compiled(
        {
            "a": {"while": [{"tags": {"no": [{"not": [{"kind": "empfehler"}]}]}}], "do": {"x": {"tag": "stammkunde"}}},
            "b": {"while": [{"tags": {"some": [{"any": [{"kind": "mailing"}, {"value": "x"}]}]}}], "do": {"x": {"set": {"profession": "x"}}}},
            "c": {"while": [{"deceased": False}], "do": {"x": {"tag": "sms_gesendet"}}},
        }
    )
    names = [rule.id for rule in found.rules]
    assert names.index("c") < names.index("b")
    assert [problem.code for problem in found.problems["a"]] == ["rule-level-cycle"]
