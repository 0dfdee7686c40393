"""The change log, filled by database triggers so that no way of writing escapes (spike.md, change capture).

One row per changed row: what happened and, for updates, the old and new values of the columns that really changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.language.vocabulary import Entity
from engine.store.model import ENTITIES


def watched(model: Mapping[str, Entity]) -> list[Entity]:
    """The entities whose changes are logged."""
    return [entity for entity in model.values() if not entity.engine]


def columns(entity: Entity) -> list[str]:
    """The stored columns of an entity besides its id."""
    return [field.name for field in entity.fields.values() if field.type != "many" and field.name != "id"]


def sqlite_statements(model: Mapping[str, Entity]) -> list[str]:
    """The context row and three triggers per table."""
    statements = [
        "CREATE TABLE IF NOT EXISTS change_context (one INTEGER PRIMARY KEY CHECK (one = 1), cause TEXT, depth INTEGER, quiet INTEGER)",
        "INSERT OR IGNORE INTO change_context VALUES (1, NULL, 0, 0)",
    ]
    for entity in watched(model):
        statements += sqlite_triggers(entity)
    return statements


def sqlite_triggers(entity: Entity, more: Sequence[str] = ()) -> list[str]:
    """The three triggers of a table, which see its columns and `more` that the model does not know."""
    stored = [*columns(entity), *more]
    table = f'"{entity.name}"'
    log = 'INSERT INTO "change" (row_entity, row_id, operation, changed, cause, depth, quiet)'
    context = "cause, depth, quiet FROM change_context"
    changed = " UNION ALL ".join(
        f'SELECT \'{column}\' AS k, json_array(OLD."{column}", NEW."{column}") AS v WHERE OLD."{column}" IS NOT NEW."{column}"' for column in stored
    )
    differs = " OR ".join(f'OLD."{column}" IS NOT NEW."{column}"' for column in stored)
    refs = ", ".join(f"'{f.name}', OLD.\"{f.name}\"" for f in entity.fields.values() if f.type == "ref" or f.name == entity.key)
    return [
        f"CREATE TRIGGER IF NOT EXISTS log_{entity.name}_insert AFTER INSERT ON {table} BEGIN "
        f"{log} SELECT '{entity.name}', NEW.id, 'insert', NULL, {context}; END",
        f"CREATE TRIGGER IF NOT EXISTS log_{entity.name}_update AFTER UPDATE ON {table} WHEN {differs} BEGIN "
        f"{log} SELECT '{entity.name}', NEW.id, 'update', (SELECT json_group_object(k, json(v)) FROM ({changed})), {context}; END",
        f"CREATE TRIGGER IF NOT EXISTS log_{entity.name}_delete AFTER DELETE ON {table} BEGIN "
        f"{log} SELECT '{entity.name}', OLD.id, 'delete', json_object({refs}), {context}; END",
    ]


POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION regelwerk_log_change() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
  why text := nullif(current_setting('regelwerk.cause', true), '');
  deep bigint := coalesce(nullif(current_setting('regelwerk.depth', true), '')::bigint, 0);
  hush boolean := coalesce(nullif(current_setting('regelwerk.quiet', true), '')::boolean, false);
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO "change" (row_entity, row_id, operation, changed, cause, depth, quiet)
      SELECT TG_TABLE_NAME, n.id, 'insert', NULL, why, deep, hush FROM new_rows n ORDER BY n.id;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO "change" (row_entity, row_id, operation, changed, cause, depth, quiet)
      SELECT TG_TABLE_NAME, o.id, 'delete', to_jsonb(o)::text, why, deep, hush FROM old_rows o ORDER BY o.id;
  ELSE
    INSERT INTO "change" (row_entity, row_id, operation, changed, cause, depth, quiet)
      SELECT TG_TABLE_NAME, n.id, 'update',
             (SELECT jsonb_object_agg(a.key, jsonb_build_array(b.value, a.value))::text
                FROM jsonb_each(to_jsonb(n)) a JOIN jsonb_each(to_jsonb(o)) b ON a.key = b.key WHERE a.value <> b.value),
             why, deep, hush
        FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE to_jsonb(n) <> to_jsonb(o) ORDER BY n.id;
  END IF;
  RETURN NULL;
END $body$
"""


def postgres_statements() -> list[str]:
    """The function and three statement-level triggers per table; TRUNCATE is refused, since it could not be seen."""
    statements = [
        POSTGRES_FUNCTION,
        "CREATE OR REPLACE FUNCTION regelwerk_no_truncate() RETURNS trigger LANGUAGE plpgsql AS"
        " $body$ BEGIN RAISE EXCEPTION 'delete the rows instead: TRUNCATE leaves no trace in the change log'; END $body$",
    ]
    for entity in watched(ENTITIES):
        table = f'"{entity.name}"'
        for operation, tables in (
            ("INSERT", "NEW TABLE AS new_rows"),
            ("UPDATE", "OLD TABLE AS old_rows NEW TABLE AS new_rows"),
            ("DELETE", "OLD TABLE AS old_rows"),
        ):
            statements.append(
                f"CREATE OR REPLACE TRIGGER log_{entity.name}_{operation.lower()} AFTER {operation} ON {table}"
                f" REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION regelwerk_log_change()"
            )
        statements.append(
            f"CREATE OR REPLACE TRIGGER no_truncate_{entity.name} BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION regelwerk_no_truncate()"
        )
    return statements
