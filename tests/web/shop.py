"""A small service for testing the web room: a form, lists by scope and page, faults to order."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Column, Date, Integer, String, Table, insert, or_, select

from shared.db.tables import common_tables
from shared.db.types import new_metadata
from shared.kernel.errors import Conflict, Invalid
from shared.messaging.common import react_to_common_events
from shared.messaging.subscriptions import Subscriptions
from shared.runtime.service import ServiceSpec
from shared.vocabulary.posts import Role
from shared.web.deps import Reading, Uow, allow, public
from shared.web.paging import (
    BadCursor,
    CursorText,
    Limit,
    Page,
    cut_page,
    decode_cursor,
    encode_cursor,
    integer_key,
)
from shared.web.security import Caller, ScopeKind

METADATA = new_metadata()
TABLES = common_tables(METADATA)
NOTE = Table(
    "note",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("word", String(200), nullable=False),
    Column("organ_code", String(40), nullable=False),
    Column("division_code", String(12), nullable=False),
    Column("noted_on", Date, nullable=False),
)
SECRET = "张三 13812345678"

Anyone = Annotated[Caller, public(Role.OFFICER)]
InOrgan = Annotated[Caller, allow(Role.OFFICER, Role.HEAD, scope=ScopeKind.ORGAN)]
InDivision = Annotated[Caller, allow(Role.SUPERVISOR, scope=ScopeKind.DIVISION)]


class Form(BaseModel):
    """A little of everything a body can hold; knows no other member."""

    model_config = ConfigDict(extra="forbid")

    word: str = Field(max_length=200)
    amount: float = 0
    number: int = 0
    anything: Any = None
    counts: dict[str, int] = {}


class Note(BaseModel):
    """One note."""

    id: int
    word: str
    noted_on: date


def shop_router() -> APIRouter:  # noqa: C901  eight routes, each of them simple
    """The routes of the toy."""
    router = APIRouter()

    @router.post("/forms", status_code=201)
    async def fill(form: Form, uow: Uow, _: Anyone) -> dict[str, str]:
        """Store the word, so that what the parser lets pass must suit the database too."""
        row = {"organ_code": "-", "division_code": "-", "noted_on": date(2026, 3, 2)}
        await uow.session.execute(insert(NOTE).values(row | {"word": form.word}))
        return {"word": form.word}

    @router.post("/raw")
    async def count(request: Request, _: Anyone) -> dict[str, int]:
        """Number of bytes of a body of any kind."""
        return {"bytes": len(await request.body())}

    @router.get("/notes")
    async def in_organ(caller: InOrgan, session: Reading) -> list[str]:
        """Words of the caller's organs."""
        query = select(NOTE.c.word).where(caller.scope.of_organs(NOTE.c.organ_code))
        return list(await session.scalars(query.order_by(NOTE.c.id)))

    @router.get("/subtree")
    async def in_division(caller: InDivision, session: Reading) -> list[str]:
        """Words of the caller's divisions."""
        query = select(NOTE.c.word).where(caller.scope.of_divisions(NOTE.c.division_code))
        return list(await session.scalars(query.order_by(NOTE.c.id)))

    @router.get("/who")
    async def who(caller: Anyone) -> dict[str, Any]:
        """As whom the caller is known here."""
        return {"person": caller.person, "roles": sorted(caller.roles)}

    @router.get("/pages")
    async def pages(
        session: Reading, _: Anyone, limit: Limit = 50, cursor: CursorText = None
    ) -> Page[Note]:
        """Notes by day, latest first, then by id."""
        query = select(NOTE).order_by(NOTE.c.noted_on.desc(), NOTE.c.id)
        if cursor:
            day, last = decode_cursor(cursor, 2)
            query = query.where(
                or_(
                    NOTE.c.noted_on < _day(day),
                    (NOTE.c.noted_on == _day(day)) & (NOTE.c.id > integer_key(last)),
                )
            )
        rows, more = cut_page((await session.execute(query.limit(limit + 1))).all(), limit)
        return Page(
            items=[Note(id=row.id, word=row.word, noted_on=row.noted_on) for row in rows],
            next=encode_cursor(rows[-1].noted_on, rows[-1].id) if more else None,
        )

    @router.get("/faults/{kind}")
    async def fault(kind: str, _: Anyone) -> None:
        """Raise what is asked for."""
        if kind == "rule":
            raise Conflict("案件已办结", allowed=["deliver"])
        if kind == "value":
            raise Invalid("日期不能晚于今天")
        raise RuntimeError(SECRET)

    @router.get("/items/{item_id}")
    async def item(
        item_id: UUID, _: Anyone, session: Reading, word: Annotated[str, Query()] = ""
    ) -> int:
        """How many notes bear a word; the id only has to be one."""
        found = await session.scalars(select(NOTE.c.id).where(NOTE.c.word == word))
        return len(found.all())

    return router


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadCursor("分页游标无效") from error


def make_shop() -> ServiceSpec:
    """The toy's spec."""
    subscriptions = Subscriptions(consumer="shop")
    react_to_common_events(subscriptions)
    return ServiceSpec(
        name="shop",
        title="shop",
        metadata=METADATA,
        tables=TABLES,
        routers=(shop_router(),),
        subscriptions=subscriptions,
    )
