"""The intake of the meter feed over HTTP."""

import re
import time
from collections.abc import AsyncIterator
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel
from starlette.requests import ClientDisconnect

from gridhall.api.problems import ProblemError
from gridhall.api.routes.unzipping import unzipped
from gridhall.api.routes.waiting import TooSlowError, in_time
from gridhall.api.state import State, bearer_of, state_of
from gridhall.kit.ids import new_id
from gridhall.metering.feed.batches.operations import Answer, BatchUnderWayError, KeyUsedError, take_once
from gridhall.metering.feed.clients import FeedClient, verify_client
from gridhall.metering.feed.formats.registry import AUTO, FORMATS, UnknownFormatError
from gridhall.metering.feed.formats.rows import DeliveryRefusedError
from gridhall.metering.feed.intake import StoredBatch, take
from gridhall.metering.feed.lines import FeedTooLargeError
from gridhall.metering.feed.measures import count_ended, count_taken
from gridhall.metering.feed.model import Limits
from gridhall.metering.feed.turnstile import NoPlaceError
from gridhall.metering.retry import ContendedError

router = APIRouter(prefix="/v1/feed", tags=["feed"])

MEDIA_TYPES: Final = {
    "application/x-ndjson": "ndjson",
    "application/ndjson": "ndjson",
    "application/jsonl": "ndjson",
    "text/csv": AUTO,
    "application/zip": AUTO,
    "application/octet-stream": AUTO,
    "application/xml": "espi",
    "text/xml": "espi",
    "application/atom+xml": "espi",
    "application/json": AUTO,
}
"""What a media type is read as, where the request names no format; `auto` goes by the beginning of the body."""

_KEY = re.compile(r"[A-Za-z0-9\-_.:]{1,128}")


class RefusedReading(BaseModel):
    """A row that was refused and lies in quarantine."""

    line: int
    code: str
    reason: str


class Taken(BaseModel):
    """What became of a batch, in readings. replayed: it was taken before, under the same key, and so it was told."""

    accepted: int
    duplicate: int
    corrected: int
    quarantined: int
    refusals: list[RefusedReading]
    replayed: bool = False


@router.post("/readings")
async def take_readings(
    request: Request,
    response: Response,
    *,
    content_type: Annotated[str, Header()] = "application/x-ndjson",
    content_encoding: Annotated[str, Header()] = "identity",
    content_length: Annotated[int, Header()] = 0,
    idempotency_key: Annotated[str | None, Header()] = None,
    format: Annotated[str | None, Query(description="Name of the format; goes before Content-Type.")] = None,
    times: Annotated[
        Literal["offset", "local"], Query(description="`local`: a start without an offset is the meter's local time.")
    ] = "offset",
) -> Taken:
    """Take a batch of readings from a feed client.

    Idempotent whatever the key: a reading that is there already is counted as a duplicate and changes nothing. With a
    key the batch itself is remembered for some days, and its answer is told again without any work.
    """
    state = state_of(request)
    token = bearer_of(request) or ""
    client = await verify_client(token=token, clients=state.metering.clients, now=state.clock.now())
    if client is None:
        raise ProblemError("feed.not_allowed", headers={"WWW-Authenticate": "Bearer"})
    try:
        await admit(client, state)
        limits = state.metering.limits
        limits = limits.with_local_times() if times == "local" else limits
        key, format_name = batch_key(idempotency_key), _format(format, content_type)
        chunks = body_of(request, encoding=content_encoding, length=content_length)
        with state.feed_turnstile.place(client.name):
            answer = await _take(state, client, chunks=chunks, key=key, format=format_name, limits=limits)
    except Exception as error:
        problem = problem_of(error)
        count_ended(problem.code if problem else "fault", client=client.name)
        if problem is None:
            raise
        raise problem from None
    if answer.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return _taken(answer)


async def admit(client: FeedClient, state: State) -> None:
    """Count a request of a client. Raises ProblemError where it had its share of this minute."""
    wait = await state.feed_rates.admit(client.name, now=state.clock.now())
    if wait is not None:
        raise ProblemError("feed.too_often", {"seconds": wait}, headers={"Retry-After": str(wait)})


def batch_key(key: str | None) -> str | None:
    """Return the Idempotency-Key of a request, None where it has none. Raises ProblemError."""
    if key and not _KEY.fullmatch(key):
        raise ProblemError("feed.bad_key")
    return key or None


def body_of(request: Request, *, encoding: str, length: int) -> AsyncIterator[bytes]:
    """Return the body of a batch as it comes, unpacked. Raises ProblemError and FeedTooLargeError."""
    settings = state_of(request).settings
    most, chunks = settings.feed_max_bytes, in_time(request.stream(), seconds=settings.feed_wait_seconds)
    if encoding not in {"gzip", "identity"}:
        raise ProblemError("feed.bad_encoding")
    if length > most:
        raise FeedTooLargeError(most)
    return unzipped(chunks, most=most) if encoding == "gzip" else chunks


def _format(asked: str | None, content_type: str) -> str:
    name = asked or MEDIA_TYPES.get(content_type.partition(";")[0].strip().lower())
    if name is None or (name != AUTO and name not in FORMATS):
        raise ProblemError("feed.bad_format", _allowed())
    return name


async def _take(
    state: State, client: FeedClient, *, chunks: AsyncIterator[bytes], key: str | None, format: str, limits: Limits
) -> Answer:
    """Take a batch; what is stored of it counts, however it ends."""
    stored, started = _Stored(), time.perf_counter()
    try:
        answer = await _answer(state, client, chunks=chunks, key=key, format=format, limits=limits, stored=stored)
    finally:
        await state.feed_rates.count(client.name, readings=stored.readings, now=state.clock.now())
    if answer.replayed:
        count_ended("replayed", client=client.name)
    else:
        count_taken(answer.report, client=client.name, seconds=time.perf_counter() - started)
    return answer


class _Stored:
    """How many readings of a batch are durable so far."""

    def __init__(self) -> None:
        self.readings = 0

    async def __call__(self, batch: StoredBatch) -> None:
        self.readings = batch.report.readings


async def _answer(
    state: State,
    client: FeedClient,
    *,
    chunks: AsyncIterator[bytes],
    key: str | None,
    format: str,
    limits: Limits,
    stored: _Stored,
) -> Answer:
    room = state.metering
    if key:
        return await take_once(
            key=key,
            client=client,
            chunks=chunks,
            format=format,
            stores=room.stores,
            batches=room.batches,
            limits=limits,
            remembered_for=state.feed_remembered_for,
            clock=state.clock,
            stored=stored,
        )
    return Answer(
        await take(
            chunks=chunks,
            format=format,
            source=client.source(batch=str(new_id())),
            stores=room.stores,
            limits=limits,
            now=state.clock.now(),
            stored=stored,
        )
    )


def problem_of(error: Exception) -> ProblemError | None:  # noqa: C901, PLR0911 - one for each that is expected
    """Return the problem to answer with, None of what nobody expects."""
    match error:
        case ProblemError():
            return error
        case TooSlowError():
            return ProblemError("feed.too_slow", {"seconds": error.seconds})
        case NoPlaceError():
            return ProblemError("feed.busy", headers={"Retry-After": "2"})
        case BatchUnderWayError():
            return ProblemError("feed.under_way", headers={"Retry-After": str(error.wait_seconds)})
        case KeyUsedError():
            return ProblemError("feed.key_used", {"key": error.key})
        case FeedTooLargeError():
            return ProblemError("feed.too_large", {"most": error.most, "of": error.of})
        case DeliveryRefusedError():
            return ProblemError("feed.refused", {"reason": str(error)})
        case UnknownFormatError():
            return ProblemError("feed.bad_format", _allowed())
        case ContendedError():
            return ProblemError("unavailable", headers={"Retry-After": "5"})
        case ClientDisconnect():
            return ProblemError("input.unreadable")
        case _:
            return None


def _allowed() -> dict[str, object]:
    return {"types": ", ".join(MEDIA_TYPES), "formats": ", ".join((AUTO, *FORMATS))}


def _taken(answer: Answer) -> Taken:
    report = answer.report
    return Taken(
        **report.counts(),
        refusals=[RefusedReading(line=one.line, code=one.code, reason=one.sentence) for one in report.refusals],
        replayed=answer.replayed,
    )
