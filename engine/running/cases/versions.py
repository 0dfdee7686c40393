"""Workflows are stored by content: a case keeps the version it began with (workflow.md §2, definition version)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from engine.planning.workflows.case import Trouble
from engine.planning.workflows.compile import compile_flow
from engine.planning.workflows.graph import Flow
from engine.planning.workflows.sound import unsound
from engine.planning.workflows.step_names import places_of
from engine.running.setting import Setting
from engine.store.given import as_data


def stored_version(setting: Setting, flow: Flow, now: datetime) -> int:
    """The number of a workflow's stored version, stored now where it is new. Needs a writing session.

    A version that differs in labels and texts alone is the same version; it takes the new texts at once.
    """
    data = json.dumps(flow.data, ensure_ascii=False, default=str)
    rows = setting.store.rows("SELECT id, data FROM definition_version WHERE definition = ? AND digest = ?", [flow.id, flow.digest])
    if rows:
        number = int(rows[0][0])
        if rows[0][1] != data:
            setting.store.update_many("definition_version", [{"id": number, "data": data}])
    else:
        row = {"definition": flow.id, "digest": flow.digest, "data": data, "stored_at": now, "since_at": now}
        number = setting.store.insert_many("definition_version", [row])[0]
    setting.versions[number] = flow
    setting.numbers[flow.id, flow.digest] = number
    return number


def flow_of(setting: Setting, version: int) -> Flow:
    """A stored version, compiled. Raises Trouble where it no longer fits what this site knows."""
    if version not in setting.versions:
        definition, digest, data = setting.store.rows("SELECT definition, digest, data FROM definition_version WHERE id = ?", [version])[0]
        current = next((flow for flow in setting.flows if flow.id == definition and flow.digest == digest), None)
        setting.versions[version] = current or _compiled(setting, str(definition), as_data(data))
    return setting.versions[version]


def _compiled(setting: Setting, definition: str, data: dict[str, Any]) -> Flow:
    assert setting.kit is not None  # every setting that has workflows has what compiles them
    vocabulary = setting.kit.vocabulary
    if definition not in vocabulary.workflows:  # it is gone, but its cases go on
        vocabulary = replace(vocabulary, workflows={**vocabulary.workflows, definition: str(data.get("for", ""))})
    flow, problems = compile_flow(definition, data, replace(setting.kit, vocabulary=vocabulary))
    if flow is None:
        raise Trouble(f"its version can no longer be read: {problems[0].message}; mend what it names, or migrate the case")
    return flow


def variant_of(setting: Setting, definition: str, subjects: Iterable[int]) -> dict[int, Flow]:
    """The variant in force of a workflow for each subject, by its branch and brand; none where the workflow is gone."""
    found: dict[int, Flow] = {}
    left = list(subjects)
    for flow in setting.flows:
        if flow.id == definition and left:
            mine = setting.mine(flow, left)
            found.update(dict.fromkeys(mine, flow))
            left = [subject for subject in left if subject not in mine]
    return found


def take_up(setting: Setting, now: datetime) -> dict[str, str]:
    """Store what is new of the workflows in force; edited labels and texts reach the running cases at once.

    Returns those that are not sound, with the first reason: they start no cases.
    """
    bad: dict[str, str] = {}
    with setting.store.session(write=True):
        known = {(row[0], row[1]) for row in setting.store.rows("SELECT definition, digest FROM definition_version", [])}
        for flow in setting.flows:
            wrong = [] if (flow.id, flow.digest) in known else [p for p in unsound(flow, places_of(flow.data)) if p.severity == "error"]
            if wrong:
                bad[flow.id] = f"{wrong[0].message}; {wrong[0].hint}"
            else:
                stored_version(setting, flow, now)
    return bad
