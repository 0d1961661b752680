"""`GET /{service}/v1/vocabulary`: every code a client may meet, with the Chinese label to show."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from typing import Annotated, Final

from fastapi import APIRouter, Header, Query, Response
from pydantic import BaseModel, Field

from shared.kernel.errors import NotFound
from shared.vocabulary.lists import LISTS, ClosedList
from shared.web.answers import answer
from shared.web.deps import ServiceDep, public
from shared.web.problems import COMMON, problems
from shared.web.security import Caller

PROBLEM_CODES: Final = "problem_code"
"""The list of error codes; the only one that differs between services."""
MOST_NAMES: Final = 100
CACHED: Final = "public, max-age=3600"


class TermOut(BaseModel):
    """One code of a list."""

    code: str
    label: str = Field(description="工作人员读到的文字")
    public_label: str = Field(description="信访人读到的文字；多数与 label 相同")


class ListOut(BaseModel):
    """One closed list, in the order in which it is to be shown."""

    title: str
    terms: list[TermOut]


class VocabularyOut(BaseModel):
    """Closed lists by name. A code never changes; a list may gain codes."""

    lists: dict[str, ListOut]


@cache
def vocabulary_router() -> APIRouter:
    """The route, the same for every service."""
    router = APIRouter(tags=["vocabulary"])
    router.add_api_route(
        "/vocabulary",
        show_vocabulary,
        summary="代码表（代码与中文名称）",
        response_model=VocabularyOut,
        responses=problems(404)
        | {304: {"description": "内容与 If-None-Match 所给的标记相同，没有正文"}},
    )
    return router


async def show_vocabulary(
    _: Annotated[Caller, public()],
    service: ServiceDep,
    names: Annotated[
        list[str] | None,
        Query(alias="list", max_length=MOST_NAMES, description="只要这些代码表；不填为全部"),
    ] = None,
    if_none_match: Annotated[str, Header(max_length=1000)] = "",
) -> Response:
    """The closed lists whose codes appear in requests, answers and events, with the label to show
    for each code. `problem_code` holds the error codes of this service.

    The answer changes with a release only: keep it with its `ETag` and ask again with
    `If-None-Match`."""
    lists = all_lists(tuple(service.spec.problems.items()))
    if names:
        if any(name not in lists for name in names):
            raise NotFound("没有这个代码表")
        lists = {name: lists[name] for name in names}
    body = VocabularyOut(lists=dict(lists))
    tag = f'"{sha256(body.model_dump_json().encode()).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": CACHED}
    if tag in {each.strip().removeprefix("W/") for each in if_none_match.split(",")}:
        return Response(status_code=304, headers=headers)
    return answer(body, headers=headers)


@cache
def all_lists(own: tuple[tuple[str, tuple[int, str]], ...]) -> Mapping[str, ListOut]:
    """All lists and, as one more, the error codes of a service."""
    codes = COMMON | dict(own)
    errors = [
        TermOut(code=code, label=title, public_label=title) for code, (_, title) in codes.items()
    ]
    return {name: _list(each) for name, each in LISTS.items()} | {
        PROBLEM_CODES: ListOut(title="错误代码", terms=errors)
    }


def _list(closed: ClosedList) -> ListOut:
    return ListOut(
        title=closed.title,
        terms=[
            TermOut(
                code=str(each.value),
                label=each.label,
                public_label=each.public,
            )
            for each in closed.terms
        ],
    )
