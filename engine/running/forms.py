"""Filling in the questionnaire of an activity: answers checked, stored, and written to the fields they name (S1.43)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.language.durations import PhraseError
from engine.language.findings import RegelwerkError
from engine.language.grades import grade_score
from engine.language.labels import label_in
from engine.language.nearest import did_you_mean
from engine.running.setting import Setting

YES, NO = ("yes", "ja", "true", "1"), ("no", "nein", "false", "0")


def fill_in(setting: Setting, activity: int, form: str, answers: Mapping[str, str], now: datetime) -> int | None:
    """Store the answers of an activity's form; the response's row, None where nothing was answered. Raises RegelwerkError.

    Every mistake is named at once. Needs a writing session.
    """
    spec = setting.sections.get("questionnaires", {}).get(form)
    if spec is None:
        raise RegelwerkError("this activity has no form", "leave --answer out", exit_code=2)
    questions: Mapping[str, Any] = spec["questions"]
    sql = "SELECT a.customer, c.country, a.subject_entity, a.subject_id FROM activity a LEFT JOIN customer c ON c.id = a.customer WHERE a.id = ?"
    customer, country, entity, subject = setting.store.rows(sql, [activity])[0]
    values = _checked(questions, answers, str(country or "DE"), setting.language)
    if not values:
        return None
    store = setting.store
    grade = next((value for name, value in values.items() if questions[name]["type"] == "grade"), None)
    row = {
        "questionnaire": form,
        "customer": customer,
        "activity": activity,
        "delivery": subject if entity == "delivery" else None,
        "completed_on": setting.calendar.today(now),
        "grade": grade,
        "scale": str(country or "DE") if grade is not None else None,
        "grade_score": grade_score(grade, str(country or "DE")) if grade is not None else None,
    }
    response = store.insert_many("questionnaire_response", [row])[0]
    numbers = ("grade", "integer")
    rows = [
        {"response": response, "question": name, "value": str(value), "number": value if questions[name]["type"] in numbers else None}
        for name, value in values.items()
    ]
    store.insert_many("answer", rows)
    _write_fields(setting, questions, values, str(entity), int(subject))
    return response


def _checked(questions: Mapping[str, Any], answers: Mapping[str, str], country: str, language: str) -> dict[str, Any]:
    wrong = [f"there is no question '{name}'; {did_you_mean(name, questions, 'one of ' + ', '.join(questions))}" for name in answers if name not in questions]
    values: dict[str, Any] = {}
    for name, question in questions.items():
        text = answers.get(name, "").strip()
        if not text:
            if question.get("required"):
                wrong.append(f"'{name}' is not answered ({label_in(question.get('label'), language)}); add --answer {name}=...")
            continue
        try:
            values[name] = _value(question, text, country)
        except PhraseError as error:
            wrong.append(f"{name}: {error.message}; {error.hint}")
    if wrong:
        raise RegelwerkError("\n".join(wrong), exit_code=2)
    return values


def _value(question: Mapping[str, Any], text: str, country: str) -> Any:
    kind = question["type"]
    if kind in ("grade", "integer"):
        if not text.lstrip("-").isdigit() or len(text) > 9:
            raise PhraseError(f"'{text}' is no whole number", "write e.g. 2")
        if kind == "grade":
            grade_score(int(text), country)  # refuses what is outside the scale
        return int(text)
    if kind == "boolean":
        if text.casefold() not in (*YES, *NO):
            raise PhraseError(f"'{text}' is neither yes nor no", "write yes or no")
        return text.casefold() in YES
    if kind == "choice":
        chosen = [one.strip() for one in text.split(",") if one.strip()]
        unknown = [one for one in chosen if one not in question["values"]]
        if unknown:
            raise PhraseError(f"'{unknown[0]}' cannot be answered", did_you_mean(unknown[0], question["values"], "one of " + ", ".join(question["values"])))
        return ",".join(chosen)
    return text


def _write_fields(setting: Setting, questions: Mapping[str, Any], values: Mapping[str, Any], entity: str, subject: int) -> None:
    fields = {question["field"].partition(".")[2]: values[name] for name, question in questions.items() if name in values and question.get("field")}
    mine = {name: value for name, value in fields.items() if any(q.get("field") == f"{entity}.{name}" for q in questions.values())}
    if mine:
        setting.store.update_many(entity, [{"id": subject, **mine}])
