"""words of the cases, to search by"""

import sqlalchemy as sa
from alembic import op

from services.routing.search_index.domain import folded, pairs

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

AT_ONCE = 500
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NEW = "INSERT INTO fts_case_text (rowid, pairs) VALUES (new.ordinal, new.pairs);"
OLD = (
    "INSERT INTO fts_case_text (fts_case_text, rowid, pairs)"
    " VALUES ('delete', old.ordinal, old.pairs);"
)


def upgrade() -> None:
    op.create_table(
        "case_text",
        sa.Column("ordinal", BIG, nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("pairs", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.case_id"], name=op.f("fk_case_text_case_id_case_file")
        ),
        sa.PrimaryKeyConstraint("ordinal", name=op.f("pk_case_text")),
        sa.UniqueConstraint("case_id", name=op.f("uq_case_text_case_id")),
    )
    if op.get_bind().dialect.name == "sqlite":
        # The words stay in case_text alone; the full-text table points to its rows.
        op.execute(
            "CREATE VIRTUAL TABLE fts_case_text USING fts5("
            "pairs, content='case_text', content_rowid='ordinal', detail='none')"
        )
        for name, event, acts in (
            ("new", "INSERT", NEW),
            ("gone", "DELETE", OLD),
            ("changed", "UPDATE", OLD + NEW),
        ):
            op.execute(
                f"CREATE TRIGGER fts_case_text_{name} AFTER {event} ON case_text BEGIN {acts} END"
            )
    _fill()
    if op.get_bind().dialect.name != "sqlite":
        op.execute(
            "CREATE INDEX fts_case_text_pairs ON case_text USING gin (string_to_array(pairs, ' '))"
        )
        # A file compares bytes by its unique index already; a server by the database's locale.
        op.execute('CREATE INDEX fts_case_petition_number ON case_petition (number COLLATE "C")')


def _fill() -> None:
    """The words of the cases that are there already."""
    names = [sa.column("case_id", sa.Uuid()), *map(sa.column, ("title", "text", "place"))]
    cases = sa.table("case_file", *names)
    target = sa.table(
        "case_text", sa.column("case_id", sa.Uuid()), sa.column("words"), sa.column("pairs")
    )
    bind, after = op.get_bind(), None
    while True:
        query = sa.select(*names).select_from(cases).order_by(names[0]).limit(AT_ONCE)
        rows = bind.execute(query if after is None else query.where(names[0] > after)).all()
        if not rows:
            return
        after = rows[-1].case_id
        filled = []
        for row in rows:
            words = folded(row.title, row.text, row.place)
            filled.append({"case_id": row.case_id, "words": words, "pairs": " ".join(pairs(words))})
        bind.execute(sa.insert(target), filled)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE fts_case_text")
    else:
        op.execute("DROP INDEX fts_case_petition_number")
    op.drop_table("case_text")
