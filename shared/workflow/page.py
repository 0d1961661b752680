"""A table of procedure as data for clients, and as a page of the documentation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, Field

from shared.vocabulary.acts import Approval
from shared.workflow.acts import Action, Workflow
from shared.workflow.table import Row

Cells = Mapping[str, Callable[[Any], str]]
OutT = TypeVar("OutT", bound=BaseModel)


class RowOut(BaseModel):
    """One row of a table of procedure."""

    act: str
    name: str
    states: list[str]
    to: str | None = Field(description="空为状态不变")
    by: str
    approval: Approval
    guards: list[str] = Field(description="条件，中文")
    starts: list[str]
    ends: list[str]
    notice: str
    article: str


class BlockedOut(BaseModel):
    """Why an act is not possible now."""

    code: str = Field(description="与拒绝时的 code 相同")
    detail: str


class ActionOut(BaseModel):
    """One act of the state an entity is in; possible where `blocked_by` is null. Conditions that
    need the body of the act are not looked at."""

    act: str
    title: str
    method: str
    path: str
    approval: Approval = Field(description="是否须经签批：no 否，lone 负责人，other 另一负责人")
    blocked_by: BlockedOut | None


def action_out(action: Action) -> ActionOut:
    """An action as clients get it."""
    blocked = action.blocked_by
    return ActionOut(
        act=str(action.act),
        title=action.title,
        method=action.method,
        path=action.path,
        approval=action.approval,
        blocked_by=BlockedOut(code=blocked.code, detail=blocked.detail) if blocked else None,
    )


def row_out(flow: Workflow[Any], row: Row, model: type[OutT]) -> OutT:
    """A row by the members of its model; sets in the order of their codes."""
    given = {name: getattr(row, name) for name in model.model_fields}
    given["guards"] = [flow.guards[name].words for name in row.guards]
    return model(**{n: sorted(v) if isinstance(v, frozenset) else v for n, v in given.items()})


def page(
    flow: Workflow[Any], introduction: str, *, starts_in: Iterable[Any], fitting: Cells, ends: Cells
) -> str:
    """The page of a noun: a drawing of the states and the whole table. `fitting` are columns of its
    own beside the states, `ends` one beside the state an act leads to (appended to its cell)."""
    rows, states = flow.table.rows, flow.states
    lines = [introduction, "## Drawing 状态图\n", "```mermaid", "stateDiagram-v2"]
    lines += [f"    {state}: {words}" for state, words in states.items()]
    lines += [f"    [*] --> {state}" for state in starts_in]
    lines += [*_arrows(rows), "```", "", "## Table 程序表\n"]
    head = (
        "步骤",
        "状态",
        *fitting,
        "由谁",
        "签批",
        "条件",
        "到",
        "时限起",
        "时限止",
        "文书",
        "依据",
    )
    lines += [_line(head), _line("---" for _ in head)]
    lines += [_line(_cells(flow, row, fitting, ends)) for row in rows]
    return "\n".join(lines) + "\n"


def _arrows(rows: Iterable[Row]) -> Iterator[str]:
    """One arrow between two states, with all acts that lead along it."""
    found: dict[tuple[Any, Any], list[str]] = {}
    for row in rows:
        for start in sorted(row.states):
            for end in row.ends_in or (row.to,):
                if end is not None and end is not start:
                    names = found.setdefault((start, end), [])
                    if row.name not in names:
                        names.append(row.name)
    for (start, end), names in found.items():
        yield f"    {start} --> {end}: {'、'.join(names)}"


def _cells(flow: Workflow[Any], row: Row, fitting: Cells, ends: Cells) -> Iterator[str]:
    words = flow.states
    yield f"{row.name} `{row.act}`"
    yield "、".join(words[state] for state in words if state in row.states) or "—"
    for cell in fitting.values():
        yield cell(row) or "—"
    yield flow.positions[row.by]
    yield row.approval.label
    yield "；".join(flow.guards[name].words for name in row.guards) or "—"
    goal = "、".join(words[state] for state in row.ends_in or ((row.to,) if row.to else ()))
    yield (goal or "不变") + "".join(cell(row) for cell in ends.values())
    yield " ".join(row.starts) or "—"
    yield " ".join(row.ends) or "—"
    yield row.notice or "—"
    yield row.article


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
