"""CHECK constraints of tables that exist: PostgreSQL alters them; on SQLite, which cannot, the text of the table is changed.

A CHECK says nothing about how rows are stored, so the text of its table may be rewritten in place: copying the table would
lose its triggers and, for a while, what refers to it.
"""

import re

import sqlalchemy as sa
from alembic import op


def add(table: str, name: str, condition: str) -> None:
    """Add the constraint `ck_TABLE_NAME`; rows that exist must fulfil it."""
    if not _is_sqlite():
        op.create_check_constraint(op.f(_full(table, name)), table, condition)
        return
    text = _text(table)
    before_key = text.index(f"CONSTRAINT pk_{table} ")
    added = f"CONSTRAINT {_full(table, name)} CHECK ({condition}), \n\t"
    _rewrite(table, text[:before_key] + added + text[before_key:])


def drop(table: str, name: str) -> None:
    """Take the constraint `ck_TABLE_NAME` away."""
    if not _is_sqlite():
        op.drop_constraint(op.f(_full(table, name)), table, type_="check")
        return
    text = _text(table)
    begins = text.index(f"CONSTRAINT {_full(table, name)} CHECK ")
    _rewrite(table, text[:begins] + re.sub(r"^,\s*", "", text[_end_of(text, text.index("(", begins)) :]))


def replace(table: str, name: str, condition: str) -> None:
    """Give the constraint `ck_TABLE_NAME` another condition."""
    drop(table, name)
    add(table, name, condition)


def one_of(column: str, values: str) -> str:
    """The condition of a column that holds one of some codes, given apart by blanks."""
    listed = ", ".join(f"'{value}'" for value in values.split())
    return f"{column} IN ({listed})"


def _full(table: str, name: str) -> str:
    return f"ck_{table}_{name}"


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _text(table: str) -> str:
    named = sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :table")
    return str(op.get_bind().execute(named, {"table": table}).scalar_one())


def _end_of(text: str, opens: int) -> int:
    """The place after the bracket that closes the one at `opens`; the codes and conditions hold no bracket in quotes."""
    depth = 0
    for place in range(opens, len(text)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if depth == 0:
            return place + 1
    raise ValueError(f"No bracket closes the one at {opens}.")


def _rewrite(table: str, text: str) -> None:
    bind = op.get_bind()
    version = bind.execute(sa.text("PRAGMA schema_version")).scalar_one()
    bind.execute(sa.text("PRAGMA writable_schema = ON"))
    changed = sa.text("UPDATE sqlite_master SET sql = :text WHERE type = 'table' AND name = :table")
    bind.execute(changed, {"text": text, "table": table})
    # Every connection reads the tables again when this number changes.
    bind.execute(sa.text(f"PRAGMA schema_version = {int(version) + 1}"))
    bind.execute(sa.text("PRAGMA writable_schema = OFF"))
