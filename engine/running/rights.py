"""What an employee may do, by the rights of the roles held (`roles:` with `may:`).

Nobody named means whoever sits at the machine: they could open the file itself, so nothing is kept from them; that
nobody was named is recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.language.findings import RegelwerkError
from engine.store.store import Store

RIGHTS = {
    "give_out_addresses": "give customers' addresses out",
    "change_history": "change and delete other people's history entries",
    "change_others_work": "move, assign and cancel other people's work",
    "release_held": "release and discard what is held, pause and resume",
}


def rights_of(store: Store, user: str, roles: Mapping[str, Mapping[str, Any]]) -> frozenset[str]:
    """The rights of an employee (initials); all of them where nobody is named."""
    if not user:
        return frozenset(RIGHTS)
    sql = "SELECT r.role FROM employee_role r JOIN employee e ON e.id = r.employee WHERE e.initials = ?"
    return frozenset(right for (role,) in store.rows(sql, [user]) for right in roles.get(role, {}).get("may", ()))


def require(store: Store, user: str, roles: Mapping[str, Mapping[str, Any]], right: str) -> None:
    """Raise RegelwerkError (exit 1) where the employee has no role with a right."""
    if right in rights_of(store, user, roles):
        return
    holders = [name for name, role in roles.items() if right in role.get("may", ())]
    hint = "ask somebody with the role " + " or ".join(holders) if holders else f"give a role `may: [{right}]`"
    raise RegelwerkError(f"{user} may not {RIGHTS[right]}", hint, code="forbidden")
