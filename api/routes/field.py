"""The field system's side: requests to cut and to restore are fetched, acknowledged, and told of.

Polling is at least once: what was not acknowledged is listed again. Every call may be made again.
"""

from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from gridhall.api.problems import ProblemError
from gridhall.api.state import State, bearer_of, state_of
from gridhall.billing.field.operations import Place, Withdrawn, acknowledge, finish, to_do
from gridhall.billing.supply.model import SupplyRequest, SupplyRequestId, SupplyState
from gridhall.kit.paging import BadCursorError, from_cursor, to_cursor
from gridhall.metering.feed.clients import FeedClient, verify_client

router = APIRouter(prefix="/v1/field/requests", tags=["field"])


class FieldRequest(BaseModel):
    """A request. `disconnect` is not to be carried out before it was acknowledged, which may refuse it."""

    id: UUID
    kind: Literal["disconnect", "reconnect"]
    state: Literal["asked", "acknowledged", "done", "failed", "withdrawn"]
    point: UUID
    meters: list[str]
    region: str
    not_before: datetime
    due_by: datetime | None
    reference: str
    tries: int


class FieldRequests(BaseModel):
    """A page of requests, the longest waiting first. next: what `after` is for the page behind; null at the end."""

    requests: list[FieldRequest]
    next: str | None


class Acknowledgement(BaseModel):
    """How the field system names the request."""

    reference: str = Field(default="", max_length=100)


class Told(BaseModel):
    """What became of it, in words."""

    note: str = Field(default="", max_length=500)


@router.get("")
async def list_requests(
    request: Request,
    after: Annotated[str | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    state: Annotated[Literal["asked", "acknowledged"], Query()] = "asked",
) -> FieldRequests:
    """List what waits to be taken in the regions of the token, or what was taken and is not done."""
    rooms, client = state_of(request), await _client(request)
    found = await to_do(
        work=rooms.hall.billing.field_work,
        regions=client.regions,
        state=SupplyState(state),
        after=_place(after),
        limit=limit + 1,
        now=rooms.clock.now(),
    )
    page = found[:limit]
    meters = await _meters(rooms, page)
    more = to_cursor(f"{page[-1].not_before.isoformat()} {page[-1].id}") if len(found) > limit else None
    return FieldRequests(requests=[_shown(one, meters) for one in page], next=more)


@router.post("/{request_id}/acknowledge")
async def acknowledge_request(request: Request, request_id: UUID, told: Acknowledgement) -> FieldRequest:
    """Take a request. 409 where it must not be carried out any more."""
    rooms, client = state_of(request), await _client(request)
    outcome = await acknowledge(
        work=rooms.hall.billing.field_work,
        regions=client.regions,
        request_id=SupplyRequestId(request_id),
        reference=told.reference,
        now=rooms.clock.now(),
    )
    return await _answer(rooms, outcome)


@router.post("/{request_id}/done")
async def request_done(request: Request, request_id: UUID, told: Told) -> FieldRequest:
    """Tell that a request was carried out. 409 where it had been withdrawn; somebody looks into it then."""
    return await _finish(request, request_id, told, done=True)


@router.post("/{request_id}/failed")
async def request_failed(request: Request, request_id: UUID, told: Told) -> FieldRequest:
    """Tell that a request could not be carried out. Restoring is asked for again."""
    return await _finish(request, request_id, told, done=False)


async def _finish(request: Request, request_id: UUID, told: Told, *, done: bool) -> FieldRequest:
    rooms, client = state_of(request), await _client(request)
    outcome = await finish(
        work=rooms.hall.billing.field_work,
        regions=client.regions,
        request_id=SupplyRequestId(request_id),
        done=done,
        note=told.note,
        now=rooms.clock.now(),
    )
    return await _answer(rooms, outcome)


async def _client(request: Request) -> FeedClient:
    rooms = state_of(request)
    token = bearer_of(request) or ""
    clients = rooms.hall.billing.field_work.clients
    client = await verify_client(token=token, clients=clients, now=rooms.clock.now())
    if client is None:
        raise ProblemError("field.not_allowed", headers={"WWW-Authenticate": "Bearer"})
    return client


async def _answer(rooms: State, outcome: SupplyRequest | Withdrawn | None) -> FieldRequest:
    if outcome is None:
        raise ProblemError("not_found")
    if isinstance(outcome, Withdrawn):
        raise ProblemError("field.withdrawn", more={"state": str(outcome.request.state)})
    return _shown(outcome, await _meters(rooms, [outcome]))


async def _meters(rooms: State, found: list[SupplyRequest]) -> dict[UUID, list[str]]:
    """Return the meters that hang at the points now: the field system knows meters, not our points."""
    points = await rooms.metering.points.by_ids({one.point_id for one in found}) if found else {}
    return {point_id: [link.meter for link in point.links if link.to_day is None] for point_id, point in points.items()}


def _shown(one: SupplyRequest, meters: dict[UUID, list[str]]) -> FieldRequest:
    return FieldRequest(
        id=one.id,
        kind=one.kind.value,
        state=one.state.value,
        point=one.point_id,
        meters=meters.get(one.point_id, []),
        region=one.region,
        not_before=one.not_before,
        due_by=one.due_by,
        reference=one.reference,
        tries=one.tries,
    )


def _place(after: str | None) -> Place | None:
    if after is None:
        return None
    try:
        at, _, last = from_cursor(after).partition(" ")
        return datetime.fromisoformat(at).astimezone(UTC), SupplyRequestId(UUID(last))
    except (BadCursorError, ValueError, OverflowError):
        raise ProblemError("field.bad_cursor") from None
