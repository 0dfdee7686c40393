"""`status` counts what nobody may overlook."""

import json
from datetime import date

from engine.commands import run
from engine.site import load_site


def test_late_and_blocked_work_and_what_was_not_sent(capsys, tmp_path):
    assert run(["init", str(tmp_path)]) == 0
    store = load_site(tmp_path).open_store()
    with store.session(write=True):
        rows = [("open", 1), ("open", 2), ("open", 9), ("done", 1), ("blocked", 1)]
        store.insert_many("activity", [{"kind": "service_call", "status": status, "due_on": date(2026, 3, day)} for status, day in rows])
        store.insert_many("message", [{"channel": "email", "status": status} for status in ("queued", "blocked", "blocked", "accepted", "failed")])
    store.close()
    capsys.readouterr()
    assert run(["status", "--site", str(tmp_path), "--now", "2026-03-05", "--json"]) == 0
    work = json.loads(capsys.readouterr().out)["work"]
    assert [(one["work"], one["state"], one["count"]) for one in work] == [
        ("activity", "late", 2),
        ("activity", "blocked", 1),
        ("message", "blocked", 2),
        ("message", "failed", 1),
        ("message", "queued", 1),
    ]
    assert run(["status", "--site", str(tmp_path), "--now", "2026-03-05"]) == 0
    assert "activity  late     2\n" in capsys.readouterr().out
