"""The same three-step pipeline in SpiffWorkflow: the state is serialised to SQLite, one durable transaction a step."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

try:
    from SpiffWorkflow.bpmn.parser import BpmnParser
    from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
    from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
    from SpiffWorkflow.util.task import TaskState

    INSTALLED = True
except ImportError:
    INSTALLED = False

STEPS = ("call", "offer", "closing")
BPMN = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="http://bench">
  <process id="pipeline" isExecutable="true">
    <startEvent id="start"><outgoing>f0</outgoing></startEvent>
    <manualTask id="call" name="call"><incoming>f0</incoming><outgoing>f1</outgoing></manualTask>
    <manualTask id="offer" name="offer"><incoming>f1</incoming><outgoing>f2</outgoing></manualTask>
    <manualTask id="closing" name="closing"><incoming>f2</incoming><outgoing>f3</outgoing></manualTask>
    <endEvent id="won"><incoming>f3</incoming></endEvent>
    <sequenceFlow id="f0" sourceRef="start" targetRef="call"/>
    <sequenceFlow id="f1" sourceRef="call" targetRef="offer"/>
    <sequenceFlow id="f2" sourceRef="offer" targetRef="closing"/>
    <sequenceFlow id="f3" sourceRef="closing" targetRef="won"/>
  </process>
</definitions>"""


class Pipelines:
    """So many begun workflows in a SQLite file that is as durable as ours."""

    def __init__(self, path: Path, number: int) -> None:
        self.path = path
        self.serializer: Any = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure())
        parser = BpmnParser()
        parser.add_bpmn_str(BPMN.encode(), "pipeline.bpmn")
        spec = parser.get_spec("pipeline")
        with closing(self._connect()) as connection, connection:
            connection.execute("CREATE TABLE workflow (id INTEGER PRIMARY KEY, state TEXT NOT NULL, done INTEGER NOT NULL)")
            for row in range(number):
                workflow = BpmnWorkflow(spec)
                workflow.do_engine_steps()
                connection.execute("INSERT INTO workflow VALUES (?, ?, 0)", [row, self.serializer.serialize_json(workflow)])

    def commit(self, number: int) -> None:
        """So many durable transactions that do next to nothing: what the disk alone takes."""
        with closing(self._connect()) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS bare (value INTEGER)")
            for value in range(number):
                with connection:
                    connection.execute("INSERT INTO bare VALUES (?)", [value])

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        return connection

    def complete(self, rows: Sequence[int]) -> None:
        """All three steps of these, each: read, complete the step, write, commit."""
        with closing(self._connect()) as connection:
            for step in STEPS:
                for row in rows:
                    (state,) = connection.execute("SELECT state FROM workflow WHERE id = ?", [row]).fetchone()
                    workflow = self.serializer.deserialize_json(state)
                    (task,) = workflow.get_tasks(state=TaskState.READY, manual=True)
                    assert task.task_spec.name == step
                    task.run()
                    workflow.do_engine_steps()
                    with connection:
                        connection.execute(
                            "UPDATE workflow SET state = ?, done = ? WHERE id = ?", [self.serializer.serialize_json(workflow), workflow.completed, row]
                        )

    def done(self) -> int:
        """How many came to their end."""
        with closing(self._connect()) as connection:
            return int(connection.execute("SELECT COUNT(*) FROM workflow WHERE done").fetchone()[0])
