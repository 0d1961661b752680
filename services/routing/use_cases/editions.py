"""Publishing immutable editions of reference data (decisions 8)."""

from __future__ import annotations

import hashlib
import lzma
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from services.routing.outgoing import record_edition
from shared.db.editions import save_editions
from shared.db.unit_of_work import UnitOfWork
from shared.kernel.errors import Conflict, DomainError, Invalid
from shared.reference.division_files import dump, extended
from shared.reference.divisions import Division
from shared.reference.editions import Edition, Reference
from shared.reference.organ_files import read_exceptions, read_kinds

_ANY_DAY = date(1949, 10, 1)

READERS: Mapping[str, Callable[[Edition], Any]] = {
    "divisions": lambda edition: _alone(edition).divisions,
    "organs": lambda edition: (
        read_kinds(edition.files["organ_kinds.csv"].splitlines()),
        read_exceptions(edition.files["organ_exceptions.csv"].splitlines()),
    ),
    "categories": lambda edition: _alone(edition).categories,
    "competence": lambda edition: _alone(edition).competence,
    "calendar": lambda edition: _alone(edition).calendar,
    "limits": lambda edition: _alone(edition).limits,
    "casework": lambda edition: _alone(edition).casework,
}
"""How an edition of a kind is read: what can't be read is never published."""


class EditionImmutable(Conflict):
    """An edition of this id exists with other content; publish under a new id."""

    code = "edition_immutable"


async def publish(uow: UnitOfWork, edition: Edition, *, actor: str) -> bool:
    """Keep an edition and tell every service; whether it was new.

    It is in force from its effective date, here with the next reading of the reference data.
    Raises Invalid when it can't be read as its kind or lacks the deployment's root division,
    EditionImmutable when the id is taken by other content.
    """
    table = uow.tables.edition
    known = await uow.session.scalar(
        select(table.c.sha256).where(
            table.c.kind == edition.kind, table.c.edition_id == edition.edition_id
        )
    )
    if known == edition.sha256:
        return False
    if known is not None:
        raise EditionImmutable("该版本号已存在且内容不同，请使用新的版本号")
    check(uow.reference, edition)
    await save_editions(uow.session, uow.tables, [edition], clock=uow.clock)
    record_edition(uow, edition)
    subject = f"edition/{edition.edition_id}"
    uow.audit("edition.published", subject, actor=actor, kind=edition.kind, sha256=edition.sha256)
    return True


async def load_divisions(
    uow: UnitOfWork, rows: Iterable[Division], *, effective_on: date, actor: str
) -> tuple[Edition, int]:
    """Publish the tree in force with `rows` added or changed (villages, local places), and how
    many of them lie in this deployment; the others are left out, nobody here would look them up.

    Raises Invalid when none lies here or one has no parent in the tree.
    """
    base, root = uow.reference.divisions, uow.reference.root_division
    own = [row for row in rows if base.contains(root, row.code)]
    if not own:
        raise Invalid("文件中没有本平台管辖范围内的区划")
    tree = extended(base, own, edition="")
    orphan = next((row for row in own if row.code != root and not tree.get(row.parent_code)), None)
    if orphan is not None:
        raise Invalid(f"{orphan.name}（{orphan.code}）的上级区划不存在")
    text = dump(tree)
    edition_id = f"divisions-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    edition = Edition("divisions", edition_id, effective_on, {"divisions.csv": text})
    await publish(uow, edition, actor=actor)
    return edition, len(own)


def unpacked(kind: str, content_xz: bytes) -> Mapping[str, str]:
    """The files of a packed content. Raises Invalid when damaged."""
    try:
        edition = Edition.unpack(kind, "", _ANY_DAY, content_xz)
        files = {str(name): str(text) for name, text in edition.files.items()}
    except (lzma.LZMAError, ValueError, AttributeError, EOFError) as error:
        raise Invalid("版本内容无法解压", field="content_xz_base64") from error
    return files


def check(reference: Reference, edition: Edition) -> None:
    """Raises Invalid for an edition that can't be read as its kind or lacks the root division."""
    if edition.kind not in READERS:
        raise Invalid("没有这类参考数据", field="kind")
    try:
        part = READERS[edition.kind](edition)
    except DomainError as error:
        raise Invalid(error.detail or "内容不能读取", field="files") from error
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise Invalid(f"内容不能读取：{type(error).__name__}", field="files") from error
    if edition.kind == "divisions" and part.get(reference.root_division) is None:
        raise Invalid("新版区划中没有本平台的根区划", field="files")


def _alone(edition: Edition) -> Reference:
    return Reference({edition.kind: edition}, root_division="")
