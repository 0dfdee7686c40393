"""A naive evaluator of conditions over plain rows: what the compiled queries are held against."""

from datetime import datetime, timedelta

from engine.language.conditions import All, AnyOf, FieldRef, Literal, Not, Related, Test
from engine.planning.query import moment_day
from engine.store.model import ENTITIES


class Reference:
    def __init__(self, tables, context):
        self.tables = tables  # entity -> {id: {field: value}}
        self.context = context

    def ids(self, entity, node):
        return sorted(row for row in self.tables.get(entity, {}) if self.holds(node, ((entity, row),)))

    def holds(self, node, scope):
        if isinstance(node, All):
            return all(self.holds(item, scope) for item in node.items)
        if isinstance(node, AnyOf):
            return any(self.holds(item, scope) for item in node.items)
        if isinstance(node, Not):
            return not self.holds(node.item, scope)
        if isinstance(node, Test):
            return self.test(node, scope)
        return self.related(node, scope)

    def at(self, path, scope):
        while path.startswith("^."):
            path, scope = path[2:], scope[:-1]
        entity, row = scope[-1]
        *hops, last = path.split(".")
        for hop in hops:
            row = self.tables[entity][row].get(hop)
            entity = ENTITIES[entity].fields[hop].target
            if row is None:
                return None, None
        found = ENTITIES[entity].fields[last]
        value = row if last == "id" else self.tables[entity][row].get(last)
        if found.type == "boolean":
            value = bool(value)
        return (None if value == "" else value), found

    def value(self, value, scope, found):
        if isinstance(value, FieldRef):
            other, _ = self.at(value.path, scope)
            if other is None or not value.plus:
                return other
            return other + timedelta(days=value.plus) if found.type in ("date", "datetime") else other + value.plus
        return value.value if isinstance(value, Literal) else moment_day(value, self.context)

    def test(self, node, scope):
        found, field = self.at(node.path, scope)
        if node.op == "missing":
            return found is None
        return found is not None and self.compare(found, field, node.op, node.value, node.upper, scope)

    def compare(self, found, field, op, value, upper, scope):
        wanted = self.value(value, scope, field)
        if wanted is None:
            return False
        if isinstance(found, datetime) and not isinstance(wanted, datetime):
            found = self.context.calendar.today(found)
        if op == "between":
            return wanted <= found <= self.value(upper, scope, field)
        if op == "contains":
            return wanted.lower() in found.lower()
        if op == "starts_with":
            return found.lower().startswith(wanted.lower())
        if op == "anniversary":
            leap_today = (wanted.month, wanted.day) == (2, 28) and (wanted + timedelta(days=1)).day == 1
            return (found.month, found.day) == (wanted.month, wanted.day) or (leap_today and (found.month, found.day) == (2, 29))
        return {
            "is": found == wanted, "above": found > wanted, "at_least": found >= wanted, "below": found < wanted, "at_most": found <= wanted,
            "before": found < wanted, "after": found > wanted, "on_or_before": found <= wanted, "on_or_after": found >= wanted,
        }[op] if not isinstance(wanted, bool) else found == wanted  # fmt: skip

    def members(self, node, scope):
        *hops, name = node.path.split(".")
        entity, row = scope[-1]
        for hop in hops:
            row, entity = self.tables[entity][row].get(hop), ENTITIES[entity].fields[hop].target
            if row is None:
                return "", []
        many = ENTITIES[entity].fields[name]
        mine = [r for r, values in self.tables.get(many.target, {}).items() if values.get(many.back) == row]
        return many.target, [r for r in mine if self.holds(node.condition, (*scope, (many.target, r)))]

    def related(self, node, scope):
        assert isinstance(node, Related)
        entity, rows = self.members(node, scope)
        if node.kind == "some":
            return bool(rows)
        if node.kind == "count":
            return len(rows) >= node.least
        column = node.by if node.kind == "latest" else node.of
        valued = [(self.tables[entity][r].get(column), r) for r in rows if self.tables[entity][r].get(column) is not None]
        if not valued:
            return False
        if node.kind == "latest":
            newest = max(value for value, _ in valued)
            return any(self.holds(node.then, (*scope, (entity, r))) for value, r in valued if value == newest)
        total = {"sum": sum, "max": max, "min": min}[node.kind](value for value, _ in valued)
        return self.compare(total, ENTITIES[entity].fields[node.of], node.op, node.value, Literal(None), scope)
