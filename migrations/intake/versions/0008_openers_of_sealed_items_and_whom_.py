"""openers of sealed items, and from whom accusations are hidden

Cases that were told of before are looked up in the inbox: a purpose may have been settled by a
person since the petition was filed. Openers of sealed items need the vault: the service settles
them when it starts, until then nobody is shown them.
"""

import json
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

HIDDEN = sa.text("hidden_from IS NOT NULL")
UNSETTLED = sa.text("sealed AND opener IS NULL")
PROGRESS = sa.table(
    "progress",
    sa.column("petition_id", sa.Uuid()),
    sa.column("case_id", sa.Uuid()),
    sa.column("epoch", sa.Integer()),
    sa.column("sequence", sa.Integer()),
    sa.column("hidden_from", sa.Text()),
)
INBOX = sa.table(
    "inbox",
    sa.column("type", sa.String()),
    sa.column("subject", sa.String()),
    sa.column("envelope", sa.Text()),
)


def upgrade() -> None:
    with op.batch_alter_table("petition", schema=None) as batch_op:
        batch_op.add_column(sa.Column("opener", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("hidden_from", sa.Text(), nullable=True))
        _index(batch_op, "ix_petition_hidden", "id", HIDDEN)
        _index(batch_op, "ix_petition_unsettled", "id", UNSETTLED)
    with op.batch_alter_table("progress", schema=None) as batch_op:
        batch_op.add_column(sa.Column("hidden_from", sa.Text(), nullable=True))
        _index(batch_op, "ix_progress_hidden", "petition_id", HIDDEN)
    op.execute(
        "UPDATE petition SET hidden_from = complained_organ "
        "WHERE purpose = 'accusation' AND NOT sealed"
    )
    op.execute(
        "UPDATE progress SET hidden_from = (SELECT petition.hidden_from FROM petition "
        "WHERE petition.id = progress.petition_id)"
        "WHERE petition_id IN (SELECT id FROM petition WHERE hidden_from IS NOT NULL)"
    )
    _by_what_routing_told()


def _index(batch_op: Any, name: str, column: str, where: sa.TextClause) -> None:
    batch_op.create_index(name, [column], unique=False, postgresql_where=where, sqlite_where=where)


def _by_what_routing_told() -> None:
    """The newest event of a case says whom it is hidden from: of all that are accusations now, and
    of those that were filed as one and may be none any more."""
    connection = op.get_bind()
    declared = sa.select(PROGRESS.c.case_id).where(PROGRESS.c.hidden_from.is_not(None))
    subjects = [f"case/{case_id}" for case_id in connection.scalars(declared).all()]
    told = sa.select(INBOX.c.envelope).where(
        INBOX.c.type.like("routing.case.%"),
        sa.or_(
            INBOX.c.envelope.like('%"purpose":"accusation"%'),
            INBOX.c.subject.in_(subjects),
        ),
    )
    found = {}
    for text in connection.scalars(told).yield_per(1000):
        envelope = json.loads(text)
        case = envelope["data"]["case"]
        if case["purpose"] == "accusation" and not case.get("hidden_from"):
            continue  # told by a program that did not say yet
        rank = envelope["epoch"], envelope["sequence"]
        for petition_id in case["petition_ids"]:
            found[petition_id, *rank] = case.get("hidden_from")
    for (petition_id, epoch, sequence), hidden_from in found.items():
        connection.execute(
            sa.update(PROGRESS)
            .where(PROGRESS.c.petition_id == UUID(petition_id))
            .where(PROGRESS.c.epoch == epoch, PROGRESS.c.sequence == sequence)
            .values(hidden_from=hidden_from)
        )


def downgrade() -> None:
    with op.batch_alter_table("progress", schema=None) as batch_op:
        batch_op.drop_index("ix_progress_hidden", postgresql_where=HIDDEN, sqlite_where=HIDDEN)
        batch_op.drop_column("hidden_from")
    with op.batch_alter_table("petition", schema=None) as batch_op:
        for name, where in (("ix_petition_unsettled", UNSETTLED), ("ix_petition_hidden", HIDDEN)):
            batch_op.drop_index(name, postgresql_where=where, sqlite_where=where)
        batch_op.drop_column("hidden_from")
        batch_op.drop_column("opener")
