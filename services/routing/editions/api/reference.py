"""Divisions, organs and categories for front ends; open to everybody, as the law publishes them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from services.routing.cases.domain.rules import jurisdiction
from services.routing.common.use_cases.bodies import CategoryCode, DivisionCode, OrganCode
from shared.kernel.errors import NotFound
from shared.reference.categories import Category
from shared.reference.divisions import Division, Divisions, normalise_code
from shared.reference.organs import Organ
from shared.web.deps import ReferenceDep, Today, public
from shared.web.problems import problems
from shared.web.security import Caller

router = APIRouter(tags=["reference"])

Anybody = Annotated[Caller, public()]
MOST = 200


class DivisionOut(BaseModel):
    """A division; `path` are the names from the top."""

    code: str
    name: str
    level: int
    kind: str
    parent_code: str | None
    path: list[str]


class OrganOut(BaseModel):
    """An organ; `guided`: petitioners are guided to it, cases never sent."""

    code: str
    name: str
    kind: str
    division_code: str
    level: int
    vertical: bool
    guided: bool
    petition_office: bool
    superior_code: str | None


class CategoryOut(BaseModel):
    """A content category."""

    code: str
    name: str
    level: int
    parent_code: str | None
    path: list[str]


@router.get("/divisions", summary="行政区划（下级或按名称开头查找）")
async def list_divisions(
    _: Anybody,
    reference: ReferenceDep,
    today: Today,
    parent: Annotated[DivisionCode | None, Query(description="缺省为本平台根区划")] = None,
    q: Annotated[str | None, Query(max_length=40, description="名称开头")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = MOST,
) -> list[DivisionOut]:
    """Children of a division, or divisions of the deployment whose name begins with `q`; of an
    abolished one, what took it over. What is abolished is not offered."""
    tree, root = reference.divisions, reference.root_division
    if q:
        named = (tree.current(each.code, today) for each in tree.search(q, limit=2_000))
        inside = {each.code: each for each in named if each and tree.contains(root, each.code)}
        found = list(inside.values())
    else:
        above = tree.current(normalise_code(parent), today) if parent else tree.get(root)
        below = tree.children(above.code, visible=True) if above else []
        found = [each for each in below if each.valid_on(today)]
    return [_division(division, tree) for division in found[:limit]]


@router.get("/divisions/{code}", summary="一个行政区划", responses=problems(404))
async def show_division(
    code: Annotated[DivisionCode, Path()], _: Anybody, reference: ReferenceDep
) -> DivisionOut:
    """One division, codes of 2, 4, 6, 9 or 12 digits."""
    division = reference.divisions.get(code)
    if division is None:
        raise NotFound("没有这个区划")
    return _division(division, reference.divisions)


@router.get("/organs", summary="一个区划的机关单位")
async def list_organs(
    _: Anybody, reference: ReferenceDep, today: Today, division: Annotated[DivisionCode, Query()]
) -> list[OrganOut]:
    """All organs a division has today; of an abolished one, those of what took it over."""
    known = reference.divisions.current(normalise_code(division), today)
    found = reference.organs.organs_of(known.code, on=today) if known else []
    return [_organ(organ, reference) for organ in found]


@router.get("/organs/{code}", summary="一个机关单位", responses=problems(404))
async def show_organ(
    code: Annotated[OrganCode, Path()], _: Anybody, reference: ReferenceDep
) -> OrganOut:
    """One organ, abolished ones included."""
    organ = reference.organs.get(code)
    if organ is None:
        raise NotFound("没有这个机关单位")
    return _organ(organ, reference)


@router.get("/competent-organ", summary="有权处理机关", responses=problems(404))
async def show_competent_organ(
    _: Anybody,
    reference: ReferenceDep,
    today: Today,
    division: Annotated[DivisionCode, Query()],
    category: Annotated[CategoryCode | None, Query()] = None,
) -> OrganOut:
    """Who is competent for a category at a place, else the place's petition office."""
    organ = jurisdiction(reference).competent(normalise_code(division), category, today)
    if organ is None:
        raise NotFound("没有对应的机关单位")
    return _organ(organ, reference)


@router.get("/categories", summary="内容分类（下级或按名称查找）")
async def list_categories(
    _: Anybody,
    reference: ReferenceDep,
    parent: Annotated[CategoryCode | None, Query()] = None,
    q: Annotated[str | None, Query(max_length=40)] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = MOST,
) -> list[CategoryOut]:
    """Children of a category (the first level without one), or categories containing `q`."""
    tree = reference.categories
    found = tree.search(q, limit=limit) if q else tree.children(parent)[:limit]
    return [_category(category, tree.path_names(category.code)) for category in found]


def _division(division: Division, tree: Divisions) -> DivisionOut:
    parent = tree.visible_parent(division.code)
    return DivisionOut(
        code=division.code,
        name=division.name,
        level=division.level,
        kind=str(division.kind),
        parent_code=parent.code if parent else None,
        path=tree.path_names(division.code),
    )


def _organ(organ: Organ, reference: ReferenceDep) -> OrganOut:
    superior = reference.organs.superior(organ.code, root=reference.root_division)
    return OrganOut(
        code=organ.code,
        name=organ.name,
        kind=organ.kind,
        division_code=organ.division_code,
        level=organ.level,
        vertical=organ.vertical,
        guided=organ.guided,
        petition_office=organ.petition_office,
        superior_code=superior.code if superior else None,
    )


def _category(category: Category, path: list[str]) -> CategoryOut:
    return CategoryOut(
        code=category.code,
        name=category.name,
        level=category.level,
        parent_code=category.parent_code,
        path=path,
    )
