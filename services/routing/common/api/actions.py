"""What may be done with an entity now, as clients are told."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from shared.workflow.acts import Workflow
from shared.workflow.guards import Law
from shared.workflow.table import Approval


class BlockedOut(BaseModel):
    """为什么现在不能办理。"""

    code: str = Field(description="错误代码，与办理时的答复相同")
    detail: str


class ActionOut(BaseModel):
    """当前状态下的一个步骤。"""

    act: str
    title: str
    method: str
    path: str
    approval: Approval = Field(description="是否须经负责人签批")
    blocked_by: BlockedOut | None = Field(description="空为可以办理；表单内容的条件在提交时核对")


def actions_of(flow: Workflow[Any], entity: Any, law: Law) -> list[ActionOut]:
    """Every act of the state an entity is in, and what stands against it."""
    return [
        ActionOut(
            act=str(each.act), title=each.title, method=flow.spec_of(each.act).method,
            path=each.path, approval=each.approval,
            blocked_by=each.blocked_by and BlockedOut(**_plain(each.blocked_by)),
        )
        for each in flow.actions(entity, law)
    ]  # fmt: skip


def _plain(blocked: Any) -> dict[str, str]:
    return {"code": blocked.code, "detail": blocked.detail}
