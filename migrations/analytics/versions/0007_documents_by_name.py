"""documents by name

The sums of a place and time are kept by the names of their measures in a table of their own. Those
that are complete are carried over; nothing has to be counted anew. `kept_sums` stays for the
release before, which may still run beside this one: without the row it locks it leaves events to
this one, and once it runs alone again it fills `kept_sums` anew and reads cells until then.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TOTALS = (
    "items",
    "batches",
    "person_times",
    "answered",
    "answered_person_times",
    "closed_without_answer",
    "judged",
    "answered_on_time",
    "legal_judged",
    "legal_on_time",
    "overdue_open",
    "answer_overdue_open",
)
"""What stood at each position in the release before."""
DEFINITION = {
    "rules": "counting-2026.2",
    "sources": "c42184d468bc",
    "facts": "c835ffceb35e",
    "rollups": "5ccec95b2f3d",
}
"""What the release before counted by, as this one names it."""
AT_ONCE = 500

META = sa.table("meta", sa.column("key"), sa.column("value"))
KEY: tuple[sa.ColumnClause[Any], ...] = (
    sa.column("division"),
    sa.column("grain"),
    sa.column("first_day", sa.Date()),
)
OLD = sa.table("kept_sums", *KEY, sa.column("sums"))
NEW = sa.table(
    "rollup_document",
    *(sa.column(each.name, each.type) for each in KEY),
    sa.column("definition"),
    sa.column("document"),
)


def upgrade() -> None:
    op.create_table(
        "rollup_document",
        sa.Column("division", sa.String(length=6), nullable=False),
        sa.Column("grain", sa.String(length=1), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("definition", sa.String(length=12), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("division", "grain", "first_day", name="pk_rollup_document"),
    )
    with op.batch_alter_table("rollup_document", schema=None) as batch_op:
        batch_op.create_index("ix_rollup_document_first_day", ["first_day"], unique=False)
    connection = op.get_bind()
    rules = _take(connection, "counting_rules")
    if rules is None:  # nothing was ever counted
        return
    whole = _take(connection, "kept_sums") == "whole"
    same_rules = rules == DEFINITION["rules"]
    definition = dict(DEFINITION)
    if not same_rules:
        definition |= {"rules": rules, "facts": "", "rollups": ""}
    state = {
        "definition": definition if whole else definition | {"rollups": ""},
        "replayed_to": None,
        "counted_from": None,
        "facts_hold": True,
    }
    _put(connection, "projection", json.dumps(state, sort_keys=True))
    _put(connection, "kept_sums", "")
    if whole:
        _carry_over(
            connection,
            OLD,
            NEW,
            lambda row: {"definition": DEFINITION["rollups"], "document": _named(row.sums)},
        )


def downgrade() -> None:
    connection = op.get_bind()
    state = _take(connection, "projection")
    if state is not None:
        rules = json.loads(state)["definition"]["rules"]
        _put(connection, "counting_rules", rules or "unknown")
    with op.batch_alter_table("rollup_document", schema=None) as batch_op:
        batch_op.drop_index("ix_rollup_document_first_day")
    op.drop_table("rollup_document")


def _carry_over(
    connection: sa.Connection, old: Any, new: Any, values: Callable[[Any], dict[str, Any]]
) -> None:
    for rows in _slices(connection, old):
        made = [{each.name: getattr(row, each.name) for each in KEY} | values(row) for row in rows]
        connection.execute(sa.insert(new), made)


def _slices(connection: sa.Connection, table: Any) -> Iterator[list[Any]]:
    """All rows, some at a time, in the order of the key."""
    last: tuple[Any, ...] | None = None
    while True:
        asked = sa.select(table).order_by(*KEY).limit(AT_ONCE)
        if last is not None:
            asked = asked.where(sa.tuple_(*KEY) > sa.tuple_(*(sa.literal(v) for v in last)))
        rows = list(connection.execute(asked))
        if not rows:
            return
        last = tuple(getattr(rows[-1], each.name) for each in KEY)
        yield rows


def _named(text: str) -> str:
    """Sums by position -> by name. Totals have all measures, parts of a split the first three, days
    to answer the first."""
    counts = {
        split: {
            key: {name: value for name, value in zip(TOTALS, values, strict=False) if value}
            for key, values in keys.items()
        }
        for split, keys in json.loads(text).items()
    }
    return json.dumps(counts, separators=(",", ":"), sort_keys=True)


def _take(connection: sa.Connection, key: str) -> str | None:
    found = connection.execute(sa.select(META.c.value).where(META.c.key == key)).scalar()
    connection.execute(sa.delete(META).where(META.c.key == key))
    return None if found is None else str(found)


def _put(connection: sa.Connection, key: str, value: str) -> None:
    connection.execute(sa.insert(META).values(key=key, value=value))
