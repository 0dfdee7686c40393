"""The engine's own rows. They point to the dealer's rows by number, never the reverse."""

from __future__ import annotations

from engine.store.model.build import choice, day, entity, flag, instant, integer, long_text, text

SUBJECT = (
    text("subject_entity", "Art", "Kind", required=True),
    integer("subject_id", "Nr.", "No.", required=True),
)

CHANGE = entity(
    "change",
    "Änderung",
    "Change",
    text("row_entity", "Art", "Kind", required=True),
    integer("row_id", "Nr.", "No.", required=True),
    choice("operation", "Vorgang", "Operation", "insert", "update", "delete"),
    long_text("changed", "Alte und neue Werte (JSON)", "Old and new values (JSON)"),
    text("cause", "Ursache", "Cause"),
    integer("depth", "Tiefe", "Depth"),
    flag("quiet", "Ohne Ereignisse", "Raises no events"),
    integer("tick", "Tick", "Tick"),
    engine=True,
)
EVENT = entity(
    "event",
    "Ereignis",
    "Event",
    text("name", "Name", "Name", required=True),
    *SUBJECT,
    instant("happened_at", "Geschehen", "Happened at"),
    instant("recorded_at", "Erfasst", "Recorded at"),
    text("cause", "Ursache", "Cause"),
    integer("depth", "Tiefe", "Depth"),
    integer("tick", "Tick", "Tick"),
    flag("taken", "Verarbeitet", "Taken"),
    engine=True,
)
OCCURRENCE = entity(
    "occurrence",
    "Anlass",
    "Occurrence",
    text("definition", "Regel", "Definition", required=True),
    *SUBJECT,
    text("occurrence", "Anlass", "Occurrence", required=True),
    text("effect", "Wirkung", "Effect", required=True),
    text("target", "Ziel", "Target"),
    choice("status", "Status", "Status", "done", "held", "blocked", "failed", "discarded"),
    text("entry", "Eintrag", "Entry"),
    day("anchor", "Ankertag", "Anchor's day"),
    day("day", "Tag", "Day"),
    instant("made_at", "Zeit", "Made at"),
    text("made_entity", "Ergebnis", "Result"),
    integer("made_id", "Ergebnis Nr.", "Result no."),
    text("reason", "Grund", "Reason"),
    text("cause", "Ursache", "Cause"),
    integer("depth", "Tiefe", "Depth"),
    integer("attempts", "Versuche", "Attempts"),
    integer("run", "Lauf", "Run"),
    long_text("detail", "Einzelheiten (JSON)", "Detail (JSON)"),
    engine=True,
)
STANDING = entity(
    "standing",
    "Was gilt",
    "What stands",
    text("definition", "Regel", "Definition", required=True),
    *SUBJECT,
    integer("episode", "Folge", "Episode"),
    flag("stands", "Gilt", "Stands"),
    instant("since_at", "Seit", "Since"),
    engine=True,
)
RUN = entity(
    "run",
    "Lauf",
    "Run",
    instant("now_at", "Zeitpunkt", "Clock"),
    instant("started_at", "Begonnen", "Started at"),
    instant("finished_at", "Beendet", "Finished at"),
    text("by", "Von", "By"),
    text("definitions", "Stand der Definitionen", "Definitions' digest"),
    long_text("summary", "Zusammenfassung (JSON)", "Summary (JSON)"),
    engine=True,
)
DECISION = entity(
    "decision",
    "Entscheidung",
    "Decision",
    integer("run", "Lauf", "Run", required=True),
    text("definition", "Regel", "Definition", required=True),
    *SUBJECT,
    text("occurrence", "Anlass", "Occurrence"),
    text("effect", "Wirkung", "Effect"),
    text("target", "Ziel", "Target"),
    choice("verdict", "Ergebnis", "Verdict", "done", "held", "blocked", "failed", "moved", "withdrawn", "skipped", "discarded"),
    text("reason", "Grund", "Reason"),
    instant("decided_at", "Zeit", "Decided at"),
    long_text("detail", "Einzelheiten (JSON)", "Detail (JSON)"),
    engine=True,
)
SWITCH = entity(
    "switch",
    "Schalter",
    "Switch",
    text("name", "Name", "Name", required=True, unique=True),
    text("value", "Wert", "Value"),
    text("by", "Von", "By"),
    instant("set_at", "Gesetzt", "Set at"),
    engine=True,
)
ENTITIES = (CHANGE, EVENT, OCCURRENCE, STANDING, RUN, DECISION, SWITCH)
