"""Everything a route may depend on; no `Depends` stands anywhere else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from shared.db.unit_of_work import Cause, UnitOfWork
from shared.kernel.crash_points import CrashPoint, reach
from shared.kernel.errors import Forbidden
from shared.reference.editions import Reference
from shared.vocabulary.posts import Role
from shared.web.security import ANONYMOUS, Caller, ScopeKind, scope_of
from shared.web.tokens import Strength, Unauthenticated


def service_of(request: Request) -> Any:
    """The running service (shared.runtime.service.Service) behind the app that got the request.

    Untyped here because the runtime stands above the web room."""
    return request.app.state.service


async def _unit_of_work(request: Request) -> AsyncIterator[UnitOfWork]:
    cause = Cause(correlation_id=request.state.correlation_id)
    async with service_of(request).units.begin(cause) as unit:
        yield unit
        reach(CrashPoint.REQUEST_BEFORE_COMMIT)
    reach(CrashPoint.REQUEST_AFTER_COMMIT)


async def _reading(request: Request) -> AsyncIterator[AsyncSession]:
    async with service_of(request).database.reading() as session:
        yield session


async def _strength(request: Request) -> Strength:
    _, _, token = request.headers.get("authorization", "").partition(" ")
    strength: Strength = await service_of(request).tokens.strength(token.strip())
    return strength


async def _today(request: Request) -> date:
    service = service_of(request)
    today: date = service.clock.today()
    return today


async def _reference(request: Request) -> Reference:
    reference: Reference = service_of(request).reference
    return reference


async def _resources(request: Request) -> Any:
    return service_of(request).resources


async def _service(request: Request) -> Any:
    return service_of(request)


# scope="function": the commit comes before the answer, or the client would see a 2xx for a change
# that failed (trap 1 of the design notes).
Uow = Annotated[UnitOfWork, Depends(_unit_of_work, scope="function")]
Reading = Annotated[AsyncSession, Depends(_reading, scope="function")]
Today = Annotated[date, Depends(_today)]
ReferenceDep = Annotated[Reference, Depends(_reference)]
Resources = Annotated[Any, Depends(_resources)]
LoginStrength = Annotated[Strength, Depends(_strength)]
ServiceDep = Annotated[Any, Depends(_service)]


def made_by(function: Callable[..., Awaitable[Any]]) -> Any:
    """`Annotated[T, made_by(f)]`: what several routes of a service begin with. `f` takes parameters
    as a route does; stand it after the route's `Allow`, for they are made in order."""
    return Depends(function)


@dataclass(frozen=True)
class Allow:
    """What a route declares: who may call it and what of the data they may see."""

    roles: frozenset[Role]
    scope: ScopeKind

    async def __call__(self, request: Request) -> Caller:
        """The caller with the posts that open this route.

        Raises Unauthenticated without a valid token, Forbidden without a fitting post."""
        service = service_of(request)
        header = request.headers.get("authorization", "")
        kind, _, token = header.partition(" ")
        if self.scope is ScopeKind.PUBLIC and not header:
            return ANONYMOUS
        if kind.lower() != "bearer" or not token:
            raise Unauthenticated("请先登录")
        person = await service.tokens.person(token.strip())
        posts = await service.posts.of(person)
        fitting = tuple(post for post in posts if post.role in self.roles)
        if not fitting:
            if self.scope is ScopeKind.PUBLIC:
                return ANONYMOUS
            raise Forbidden("您的岗位没有该操作的权限")
        return Caller(
            person=person,
            posts=fitting,
            scope=scope_of(fitting, service.reference.divisions),
            held=tuple(posts),
        )


async def caller_of(request: Request, *roles: Role) -> Caller:
    """Who calls a public route, outside of its parameters. Raises Unauthenticated."""
    return await Allow(frozenset(roles), ScopeKind.PUBLIC)(request)


def allow(*roles: Role, scope: ScopeKind) -> Any:
    """`Annotated[Caller, allow(Role.OFFICER, scope=ScopeKind.ORGAN)]` on a route parameter."""
    return Depends(Allow(frozenset(roles), scope))


def public(*roles: Role) -> Any:
    """A route without an account; posts of `roles` are recognised when a token is given."""
    return Depends(Allow(frozenset(roles), ScopeKind.PUBLIC))
