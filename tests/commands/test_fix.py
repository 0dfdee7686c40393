"""`check --fix`: what is mechanical is mended, comments and layout stay, and what would read otherwise is left alone."""

import pytest

from engine.commands import run
from engine.definitions.reader import read_text
from tests.commands.calling import typing

SITE = "pack: site\npacks: [standard]\n"
HEAD = "    label: Meine\n    for: customer\n    purpose: internal\n"
RULE = HEAD + "    when: [{city: Ulm}]\n    do: {mark: {tag: stammkunde}}\n"
CASES = {
    "a_time_in_the_settings": (
        {"regelwerk.yaml": SITE + "calendar: {day_starts: 07:00}  # early\n"},
        {"regelwerk.yaml": SITE + 'calendar: {day_starts: "07:00"}  # early\n'},
    ),
    "texts_that_look_like_something_else": (
        {"rules/own.yaml": "rules:\n  mine:\n" + RULE.replace("Meine", "{de: no, en: on}").replace("Ulm", "01234")},
        {"rules/own.yaml": "rules:\n  mine:\n" + RULE.replace("Meine", '{de: "no", en: "on"}').replace("Ulm", '"01234"')},
    ),
    "what_would_be_no_text_stays": (
        {"rules/own.yaml": "rules:\n  mine:\n    enabled: no\n" + RULE.replace("Meine", "{de: no, en: x}")},
        {"rules/own.yaml": "rules:\n  mine:\n    enabled: no\n" + RULE.replace("Meine", '{de: "no", en: x}')},
    ),
    "restated_lines_and_entries": (
        {
            "rules/own.yaml": "# mine\nchange:\n  # longer\n  standard.remotorisation:\n    catch_up: 60 days  # as shipped\n\n    # the work\n"
            "    do:\n      contact: {assign: [salesperson, sales_manager], due: the date at 10:00, closed_day: next}\n    label:\n      fr: Revente # French\n"
        },
        {
            "rules/own.yaml": "# mine\nchange:\n  # longer\n  standard.remotorisation:\n\n    # the work\n"
            "    do:\n      contact: {due: the date at 10:00}\n    label:\n      fr: Revente # French\n"
        },
    ),
    "a_map_of_which_nothing_is_left": (
        {"rules/own.yaml": "change:\n  standard.remotorisation:\n    do:\n      contact:\n        closed_day: next\n        due: the date\n    catch_up: 9 days\n"},
        {"rules/own.yaml": "change:\n  standard.remotorisation:\n    catch_up: 9 days\n"},
    ),
    "a_change_that_says_nothing_new": (
        {"rules/own.yaml": "change:\n  standard.remotorisation: {catch_up: 60 days}\n  standard.winter_tyres: {enabled: false}\n"},
        {"rules/own.yaml": "change:\n  standard.winter_tyres: {enabled: false}\n"},
    ),
    "the_last_change_of_all": (
        {"rules/own.yaml": "# kept\nchange:\n  standard.remotorisation:\n    catch_up: 60 days\n# kept, too\n"},
        {"rules/own.yaml": "# kept\nchange: {}\n# kept, too\n"},
    ),
    "all_in_one_line": (
        {"rules/own.yaml": "change: {standard.remotorisation: {catch_up: 60 days, label: {de: X}}, standard.winter_tyres: {purpose: advertising}}\n"},
        {"rules/own.yaml": "change: {standard.remotorisation: {label: {de: X}}}\n"},
    ),
    "an_id_of_old": (
        {"rules/own.yaml": f"rules:\n  new:\n    formerly: old\n{RULE}change:\n  'site.old': {{label: {{de: Neu}}}} # site.old\n"},
        {"rules/own.yaml": f"rules:\n  new:\n    formerly: old\n{RULE}change:\n  'site.new': {{label: {{de: Neu}}}} # site.old\n"},
    ),
    "words_of_old": (
        {"rules/own.yaml": "rules:\n  mine: # mine\n    'entity': customer # for whom\n    title: Meine\n    purpose: internal\n    when: [{city: Ulm}]\n"
         "    effects:\n      call: {activity: resubmission, assignee: [salesperson]}\nchange:\n  standard.remotorisation: {title: {de: X}}\n"},
        {"rules/own.yaml": "rules:\n  mine: # mine\n    'for': customer # for whom\n    label: Meine\n    purpose: internal\n    when: [{city: Ulm}]\n"
         "    do:\n      call: {activity: resubmission, assign: [salesperson]}\nchange:\n  standard.remotorisation: {label: {de: X}}\n"},
    ),
    "a_word_of_old_in_a_line_that_restates": (
        {"rules/own.yaml": "change:\n  standard.remotorisation: {title: {de: Wiedermotorisierung}, catch_up: 9 days}\n"},
        {"rules/own.yaml": "change:\n  standard.remotorisation: {catch_up: 9 days}\n"},
    ),
    "both_words_stay": (
        {"rules/own.yaml": "rules:\n  mine:\n    title: X\n    effects: {call: {activity: resubmission, assignee: [salesperson]}}\n" + RULE},
        {"rules/own.yaml": "rules:\n  mine:\n    title: X\n    effects: {call: {activity: resubmission, assign: [salesperson]}}\n" + RULE},
    ),
}  # fmt: skip


@pytest.fixture
def site(tmp_path):
    (tmp_path / "regelwerk.yaml").write_text(SITE, "utf-8")
    (tmp_path / "rules").mkdir()
    return tmp_path


def contents(site):
    return {path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("*") if path.is_file()}


@pytest.mark.parametrize("case", CASES)
def test_it_is_mended_once_and_for_all(case, site, capsys):
    before, after = CASES[case]
    for name, text in before.items():
        (site / name).write_text(text, "utf-8")
    run(["check", "--fix", "--site", str(site)])
    out = capsys.readouterr().out
    for name, text in after.items():
        assert (site / name).read_text("utf-8") == text
        assert f"--- {name}\n+++ {name}\n" in out
        assert {f"-{line}" for line in before[name].splitlines() if line not in text.splitlines()} <= set(out.splitlines())
    mended = contents(site)
    run(["check", "--fix", "--site", str(site)])
    assert contents(site) == mended
    assert "+++" not in capsys.readouterr().out


def test_line_ends_the_mark_of_the_encoding_and_rights_stay(site, capsys):
    path = site / "rules" / "own.yaml"
    path.write_bytes("\ufeffchange:\r\n  standard.remotorisation: {catch_up: 60 days, label: {de: Ö}}\r\n".encode())
    path.chmod(0o640)
    typing(capsys, site)("check", "--fix")
    assert path.read_bytes() == "\ufeffchange:\r\n  standard.remotorisation: {label: {de: Ö}}\r\n".encode()
    assert path.stat().st_mode & 0o777 == 0o640
    assert [one.name for one in path.parent.iterdir()] == ["own.yaml"]


MIXED = [
    (b"change:\r\n  standard.remotorisation:\n    catch_up: 60 days\r\n    label: {de: A}\n", b"change:\r\n  standard.remotorisation:\n    label: {de: A}\n"),
    (b"# a\r\nchange:\n  standard.remotorisation: {catch_up: 60 days}\r\n# b\n", b"# a\r\nchange: {}\r\n# b\n"),
    (
        b"tags:\n  mine: {number: 900, title: M}\r\n  ours:\r\n    number: 901\n    title: O\r\n",
        b"tags:\n  mine: {number: 900, label: M}\r\n  ours:\r\n    number: 901\n    label: O\r\n",
    ),
]


@pytest.mark.parametrize(("before", "after"), MIXED)
def test_each_line_keeps_its_own_end(before, after, site, capsys):
    path = site / "rules" / "own.yaml"
    path.write_bytes(before)
    run(["check", "--fix", "--site", str(site)])
    assert path.read_bytes() == after
    assert "\r" not in capsys.readouterr().out.replace("\r\n", "")


def test_a_packs_files_are_never_touched(site, capsys):
    (site / "regelwerk.yaml").write_text("pack: site\npacks: [standard, house]\n", "utf-8")
    (site / "house").mkdir()
    (site / "house" / "pack.yaml").write_text('pack: house\nversion: "1.0.0"\nlabel: Haus\n', "utf-8")
    (site / "house" / "changes.yaml").write_text("change:\n  standard.remotorisation: {catch_up: 60 days}\n", "utf-8")
    before = contents(site)
    assert "change-nothing" in typing(capsys, site)("check", "--fix")
    assert contents(site) == before


@pytest.mark.parametrize("text", ["change:\n  standard.remotorisation:\n    catch_up: 60 days\n    label: {de: |\n", "rules: [\n"])
def test_what_is_not_yaml_is_left_alone(text, site, capsys):
    assert read_text(text.encode(), "own.yaml")[0] is None
    (site / "rules" / "own.yaml").write_text(text, "utf-8")
    assert run(["check", "--fix", "--site", str(site)]) == 3
    assert (site / "rules" / "own.yaml").read_text("utf-8") == text
