"""Outcomes as JUnit XML, for build servers: a suite per pack, a case per row, the differences as its failure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from xml.etree import ElementTree

from engine.language.findings import Finding
from engine.testing.run import Outcome

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(outcomes: Sequence[Outcome], findings: Sequence[Finding] = ()) -> str:
    """The whole file. Definitions left out are errors of a case `check`; characters that XML cannot hold become `?`."""
    root = ElementTree.Element("testsuites", name="regelwerk")
    for pack, group in groupby(outcomes, key=lambda one: one.test.partition(".")[0]):
        cases = list(group)
        suite = _suite(root, pack, len(cases), sum(bool(one.failures) for one in cases), sum(bool(one.wrong) for one in cases))
        suite.set("time", f"{sum(one.seconds for one in cases):.3f}")
        for one in cases:
            name = f"{one.test} [{one.row}]" if one.row else one.test
            case = ElementTree.SubElement(suite, "testcase", classname=_fit(one.test), name=_fit(name), time=f"{one.seconds:.3f}")
            if one.place:
                case.set("file", _fit(one.place.file))
                case.set("line", str(one.place.line))
            _trouble(case, "error", one.wrong)
            _trouble(case, "failure", one.failures)
    if findings:
        suite = _suite(root, "check", 1, 0, 1)
        _trouble(ElementTree.SubElement(suite, "testcase", classname="check", name="definitions"), "error", findings)
    for count in ("tests", "failures", "errors"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _suite(root: ElementTree.Element, name: str, tests: int, failures: int, wrong: int) -> ElementTree.Element:
    return ElementTree.SubElement(root, "testsuite", name=_fit(name), tests=str(tests), failures=str(failures), errors=str(wrong))


def _trouble(case: ElementTree.Element, word: str, findings: Sequence[Finding]) -> None:
    if findings:
        found = ElementTree.SubElement(case, word, message=_fit(findings[0].message), type=findings[0].code)
        found.text = _fit("\n".join(str(finding) for finding in findings))


def _fit(text: str) -> str:
    return _NO_XML.sub("?", text)
