"""Rules, workflows and campaigns by their names, in full or without the pack; and why one of them is not in force."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.definitions.layers import ACTING
from engine.effects.workflow import full_id
from engine.language.findings import RegelwerkError
from engine.language.nearest import did_you_mean, nearest
from engine.site import Site


def in_full(site: Site, name: str, more: Iterable[str] = (), sections: Sequence[str] = ACTING) -> str:
    """The full id of what somebody wrote; the pack's name may be left out where only one definition of the sections ends so.

    What is switched off counts; `more`: known beside the site's.
    """
    written = [one for section in sections for one in site.definitions.sections[section]]
    return full_id(name, dict.fromkeys([*written, *sorted(more)], ""))


def off(site: Site, name: str) -> str:
    """That a definition is switched off or left out, and why; "" for one that nobody wrote. Asked of what does not run."""
    state, reasons = site.not_in_force(name)
    return f"{name} is {state.replace('_', ' ')}: {'; '.join(reasons)}" if state else ""


def refused(site: Site, name: str, what: str, known: Iterable[str], otherwise: str = "", sections: Sequence[str] = ACTING) -> RegelwerkError:
    """The error for a name under which nothing acts: why what is written so does not, else what was meant. `name` as it was typed."""
    full = in_full(site, name, sections=sections)
    state, reasons = site.not_in_force(full) if any(full in site.definitions.sections[section] for section in sections) else ("", [])
    if state:
        return RegelwerkError(f"{full} is {state.replace('_', ' ')}", "; ".join(reasons))
    return RegelwerkError(f"there is no {what} '{name}'", meant(name, known, otherwise), exit_code=2, code="not-found")


def meant(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """Which of the known ids was meant, in full, also where only the part behind the pack's name was typed."""
    known = sorted(known)
    if "." in name:
        return did_you_mean(name, known, otherwise)
    short: dict[str, list[str]] = {}
    for one in known:
        short.setdefault(one.rpartition(".")[2], []).append(one)
    found = [one for end in nearest(name, short) for one in short[end]]
    return f"did you mean {' or '.join(repr(one) for one in found)}?" if found else did_you_mean(name, known, otherwise)
