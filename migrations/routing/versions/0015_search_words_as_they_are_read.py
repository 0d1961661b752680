"""words of the cases to search by, as people see them"""

import sqlalchemy as sa
from alembic import op

from services.routing.search_index.domain import folded, pairs

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

AT_ONCE = 500


def upgrade() -> None:
    """Read the words of all cases anew; the index follows by itself."""
    names = [sa.column("case_id", sa.Uuid()), *map(sa.column, ("title", "text", "place"))]
    cases = sa.table("case_file", *names)
    kept = sa.table(
        "case_text", sa.column("case_id", sa.Uuid()), sa.column("words"), sa.column("pairs")
    )
    change = (
        sa.update(kept)
        .where(kept.c.case_id == sa.bindparam("case", type_=sa.Uuid()))
        .values(words=sa.bindparam("new_words"), pairs=sa.bindparam("new_pairs"))
    )
    bind, after = op.get_bind(), None
    while True:
        query = sa.select(*names).select_from(cases).order_by(names[0]).limit(AT_ONCE)
        rows = bind.execute(query if after is None else query.where(names[0] > after)).all()
        if not rows:
            return
        after = rows[-1].case_id
        read = ((row.case_id, folded(row.title, row.text, row.place)) for row in rows)
        changed = [
            {"case": case, "new_words": words, "new_pairs": " ".join(pairs(words))}
            for case, words in read
        ]
        bind.execute(change, changed)


def downgrade() -> None:
    """The words stay as they are read now: what is found by them is not less."""
