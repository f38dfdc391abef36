"""Bills of a supplier's billing system over HTTP."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from pydantic import BaseModel

from gridhall.api.problems import ProblemError
from gridhall.api.routes.feed import admit, batch_key, body_of, problem_of
from gridhall.api.state import State, bearer_of, state_of
from gridhall.billing.shadow.formats.ndjson import read_line
from gridhall.billing.shadow.formats.port import Unreadable
from gridhall.billing.shadow.model import Report, Sender
from gridhall.billing.shadow.taking import Taker
from gridhall.metering.feed.batches.hashed import HashedBody
from gridhall.metering.feed.batches.operations import KeyUsedError
from gridhall.metering.feed.clients import FeedClient, verify_client
from gridhall.metering.feed.lines import cut_lines

router = APIRouter(prefix="/v1/billing", tags=["billing"])

_NDJSON = ("application/x-ndjson", "application/ndjson", "application/jsonl")


class RefusedBill(BaseModel):
    """A bill that was refused, and is kept with the reason until it comes right."""

    line: int
    number: str
    code: str
    field: str
    reason: str


class TakenBills(BaseModel):
    """What became of a delivery, in bills. replayed: it was taken before, under the same key, and so it was told."""

    accepted: int
    duplicate: int
    revised: int
    refused: int
    verified: int
    differing: int
    refusals: list[RefusedBill]
    replayed: bool = False


@router.post("/bills")
async def take_bills(
    request: Request,
    response: Response,
    *,
    content_type: Annotated[str, Header()] = _NDJSON[0],
    content_encoding: Annotated[str, Header()] = "identity",
    content_length: Annotated[int, Header()] = 0,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> TakenBills:
    """Take bills from a client that may hand bills in, one JSON object a line.

    Idempotent by the supplier's bill number whatever the key. With a key the answer is remembered for some days.
    """
    state = state_of(request)
    token = bearer_of(request) or ""
    client = await verify_client(token=token, clients=state.metering.clients, now=state.clock.now(), scope="bills")
    if client is None:
        raise ProblemError("feed.not_allowed", headers={"WWW-Authenticate": "Bearer"})
    if content_type.partition(";")[0].strip().lower() not in _NDJSON:
        raise ProblemError("feed.bad_format", {"types": ", ".join(_NDJSON), "formats": "ndjson"})
    try:
        await admit(client, state)
        key = batch_key(idempotency_key)
        chunks = body_of(request, encoding=content_encoding, length=content_length)
        with state.feed_turnstile.place(client.name):
            report, replayed = await _take(state, client, chunks=chunks, key=key)
    except Exception as error:
        problem = problem_of(error)
        if problem is None:
            raise
        raise problem from None
    if replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return _taken(report, replayed=replayed)


async def _take(
    state: State, client: FeedClient, *, chunks: AsyncIterator[bytes], key: str | None
) -> tuple[Report, bool]:
    """Take a delivery, or tell again what became of it; a key stands for one body."""
    shadow, now, limits = state.hall.billing.shadow, state.clock.now(), state.metering.limits
    body = HashedBody(chunks, "bills")
    kept = await shadow.deliveries.kept(sender=client.name, key=key) if key else None
    if key and kept:
        if await body.digest(most=limits.max_bytes) != kept[0]:
            raise KeyUsedError(key)
        return kept[1], True
    taker = Taker(shadow, Sender(client.name, client.regions, client.org_paths))
    async for lines in cut_lines(body.read(), limits=limits):
        for number, row in zip(lines.numbers, lines.rows, strict=True):
            told = read_line(number, row)
            if told is not None:
                await taker.add(told, now=now)
        for refused in lines.refused:
            await taker.add(Unreadable(refused.line, refused.raw.decode(errors="replace"), refused.sentence), now=now)
    report = await taker.end(now=now)
    if key:
        expires_at = now + state.feed_remembered_for
        digest = await body.digest(most=limits.max_bytes)
        await shadow.deliveries.keep(sender=client.name, key=key, digest=digest, report=report, expires_at=expires_at)
    return report, False


def _taken(report: Report, *, replayed: bool) -> TakenBills:
    return TakenBills(
        accepted=report.accepted,
        duplicate=report.duplicate,
        revised=report.revised,
        refused=report.refused,
        verified=report.verified,
        differing=report.differing,
        refusals=[
            RefusedBill(line=one.line, number=one.number, code=one.code, field=one.field, reason=one.reason)
            for one in report.refusals
        ],
        replayed=replayed,
    )
