"""Papers for petitioners: what an organ still has to send, made and delivered; and one's own."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Path, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from services.intake.openers.api import not_hidden_from
from services.intake.papers.store.papers import to_send
from services.intake.papers.use_cases import Made, copy_for_petitioner, deliver, make
from services.intake.petitions.api.by_code import Anybody, PetitionByCode
from services.intake.petitions.api.words import UNNAMED_PAPER
from services.intake.petitions.use_cases.forms import Strict
from services.intake.reveals.api.reveals import Handler, ShownGrant, refused
from services.intake.reveals.use_cases.grants import Refusal
from shared.vocabulary.papers import DeliveryMethod
from shared.web.bodies import Day, Flag, StaffText
from shared.web.deps import LoginStrength, Reading, ReferenceDep, Resources, Uow
from shared.web.paging import (
    BadCursor,
    CursorText,
    Limit,
    Page,
    cut_page,
    decode_cursor,
    encode_cursor,
)
from shared.web.problems import problems

router = APIRouter(tags=["papers"])

PDF = "application/pdf"
Proof = Annotated[str, StaffText(200, lines=False)]
_SCHEMA = {"schema": {"type": "string", "format": "binary"}}
A_FILE: dict[int | str, Any] = {200: {"content": {PDF: _SCHEMA}, "description": "文书"}}


class PaperLine(BaseModel):
    """A paper still to be delivered. `number` and `case_id` are what a grant to deliver is asked
    with; one that is not `printable` is written by hand."""

    paper_id: UUID
    case_id: UUID
    number: str = Field(description="信访件编号")
    paper_number: str = Field(description="文号")
    kind: str
    title: str
    organ_code: str
    owed_on: date
    printable: bool
    made: bool

    @classmethod
    def of(cls, row: Any) -> Self:
        """From a row with the number of its petition."""
        return cls(
            paper_id=row["paper_id"],
            case_id=row["case_id"],
            number=row["petition_number"],
            paper_number=row["number"],
            kind=row["kind"],
            title=row["title"] or UNNAMED_PAPER,
            organ_code=row["organ_code"],
            owed_on=row["owed_on"],
            printable=row["template"] is not None,
            made=row["sha256"] is not None,
        )


class PaperDeliveryIn(Strict):
    """How a paper reached the petitioner; `refused`: they would not take it, which was noted."""

    method: DeliveryMethod
    proof: Proof | None = Field(default=None, description="送达回证、挂号信号码等；请勿写入姓名")
    refused: Flag = False
    on: Day | None = Field(default=None, description="送达日期，默认为当日")


class PaperDelivered(BaseModel):
    """What was recorded."""

    paper_id: UUID
    delivered_on: date
    method: str
    refused: bool
    sha256: str | None


@router.get("/papers", summary="本机关待送达的文书", responses=problems(400))
async def list_papers(
    caller: Handler,
    session: Reading,
    reference: ReferenceDep,
    desk: Resources,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Page[PaperLine]:
    """Papers the caller's organs still owe petitioners, oldest first; no name, no address."""
    after = _after(cursor) if cursor else None
    seen = not_hidden_from(caller, reference, desk)
    rows = await to_send(session, caller.scope.organs, seen, after=after, limit=limit + 1)
    shown, more = cut_page(rows, limit)
    following = encode_cursor(shown[-1]["owed_on"], shown[-1]["paper_id"]) if more else None
    return Page(items=[PaperLine.of(row) for row in shown], next=following)


@router.post(
    "/papers/{paper_id}/made",
    summary="制作送达文书（填入姓名、住址；须授权凭据和再次认证，留痕）",
    response_class=Response,
    responses=A_FILE | problems(401, 403, 404, 409, 422, 429),
)
async def make_paper(
    paper_id: UUID,
    caller: Handler,
    strength: LoginStrength,
    uow: Uow,
    desk: Resources,
    grant: ShownGrant = "",
) -> Response:
    """The PDF with name and address, sealed by its hash; until delivery it may be made again."""
    seen = not_hidden_from(caller, uow.reference, desk)
    made = await make(uow, desk, paper_id, seen, grant=grant, caller=caller, strength=strength)
    if isinstance(made, Refusal):
        refusal: JSONResponse = refused(made, desk)
        return refusal
    return _file(made)


@router.post(
    "/papers/{paper_id}/delivery", summary="登记文书送达", responses=problems(404, 409, 422)
)
async def record_delivery(
    paper_id: UUID, body: PaperDeliveryIn, caller: Handler, uow: Uow, desk: Resources
) -> PaperDelivered:
    """Record how and when a paper reached the petitioner; routing is told, without a name."""
    paper = await deliver(
        uow, desk, paper_id, not_hidden_from(caller, uow.reference, desk), caller=caller,
        method=str(body.method), refused=body.refused, proof=body.proof, on=body.on,
    )  # fmt: skip
    return PaperDelivered(**{name: paper[name] for name in PaperDelivered.model_fields})


@router.get(
    "/petitions/{number}/papers/{ordinal}",
    summary="凭编号和查询码下载文书",
    response_class=Response,
    responses=A_FILE | problems(404, 409, 429),
)
async def download_paper(
    _: Anybody,
    petition: PetitionByCode,
    ordinal: Annotated[int, Path(ge=1, le=10_000)],
    uow: Uow,
    desk: Resources,
) -> Response:
    """The petitioner's own copy of a paper, once its organ has made it; noted as seen, not as
    delivered."""
    return _file(await copy_for_petitioner(uow, desk, petition["id"], ordinal))


def _file(made: Made) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="paper-{made.ordinal}.pdf"',
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Paper-SHA256": made.sha256,
    }
    return Response(made.pdf, media_type=PDF, headers=headers)


def _after(cursor: str) -> tuple[date, UUID]:
    day, key = decode_cursor(cursor, 2)
    try:
        return date.fromisoformat(day), UUID(key)
    except ValueError as error:
        raise BadCursor("分页游标无效") from error
