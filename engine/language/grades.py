"""School grades, made comparable across countries (requirements.md A2).

DE 1 (best) to 6, AT 1 (best) to 5, CH 6 (best) to 1. A grade's score is 0 to 1000, best 1000, so that a query
can compare; in between it is linear.
"""

from __future__ import annotations

from engine.language.durations import PhraseError

SCALES: dict[str, tuple[int, int]] = {"DE": (1, 6), "AT": (1, 5), "CH": (6, 1)}
"""Scale -> (best grade, worst grade)."""


def grade_score(grade: int, scale: str = "DE") -> int:
    """0 (worst) to 1000 (best). Raises PhraseError for a grade outside the scale (DE 7, AT 6)."""
    if scale not in SCALES:
        raise PhraseError(f"there is no grade scale '{scale}'", "one of DE, AT, CH")
    best, worst = SCALES[scale]
    if not min(best, worst) <= grade <= max(best, worst):
        raise PhraseError(f"grade {grade} is not on the {scale} scale", f"from {best} (best) to {worst}")
    return 1000 - round(1000 * abs(grade - best) / abs(worst - best))


def scale_of(country: str | None) -> str:
    """The scale that people of a country grade by; Germany's where theirs is not known."""
    return country if country in SCALES else "DE"


def scores(grade: int) -> dict[str, int]:
    """The score of a grade on every scale that has it. Raises PhraseError for one that no scale has."""
    found = {scale: grade_score(grade, scale) for scale, ends in SCALES.items() if min(ends) <= grade <= max(ends)}
    return found or {"DE": grade_score(grade, "DE")}
