"""The intake of the meter feed over HTTP."""

import re
import zlib
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Request
from pydantic import BaseModel

from gridhall.api.problems import ProblemError
from gridhall.api.state import state_of
from gridhall.kit.ids import new_id
from gridhall.metering.feed.clients import verify_client
from gridhall.metering.feed.formats.registry import UnknownFormatError
from gridhall.metering.feed.formats.rows import DeliveryRefusedError
from gridhall.metering.feed.intake import take
from gridhall.metering.feed.lines import FeedTooLargeError

router = APIRouter(prefix="/v1/feed", tags=["feed"])

FORMATS = {
    "application/x-ndjson": "ndjson",
    "text/csv": "csv-long",
    "application/zip": "nem12",
    "application/octet-stream": "auto",
}
"""The format of each media type."""

_BATCH = re.compile(r"[A-Za-z0-9\-_.:]{1,128}")
_GZIP = 16 + zlib.MAX_WBITS
_MOST_UNPACKED_AT_ONCE = 2**20


class RefusedReading(BaseModel):
    """A row that was refused and lies in quarantine."""

    line: int
    code: str
    reason: str


class Taken(BaseModel):
    """What became of a batch, in readings."""

    accepted: int
    duplicate: int
    corrected: int
    quarantined: int
    refusals: list[RefusedReading]


@router.post("/readings")
async def take_readings(
    request: Request,
    content_type: Annotated[str, Header()] = "application/x-ndjson",
    content_encoding: Annotated[str, Header()] = "identity",
    idempotency_key: Annotated[str | None, Header()] = None,
) -> Taken:
    """Take a batch of readings from a feed client.

    Idempotent whatever the key: a reading that is there already is counted as a duplicate and changes nothing. The
    key names the batch in the quarantine.
    """
    state = state_of(request)
    token = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
    client = await verify_client(token=token, clients=state.metering.clients, now=state.clock.now())
    if client is None:
        raise ProblemError("feed.not_allowed", headers={"WWW-Authenticate": "Bearer"})
    batch = idempotency_key or str(new_id())
    if not _BATCH.fullmatch(batch):
        raise ProblemError("feed.bad_key")
    format_name = FORMATS.get(content_type.partition(";")[0].strip().lower())
    if format_name is None or content_encoding not in {"gzip", "identity"}:
        raise ProblemError("feed.bad_format")
    chunks = request.stream()
    try:
        report = await take(
            chunks=unzipped(chunks, most=state.settings.feed_max_bytes) if content_encoding == "gzip" else chunks,
            format=format_name,
            source=client.source(batch=batch),
            stores=state.metering.stores,
            limits=state.metering.limits,
            now=state.clock.now(),
        )
    except FeedTooLargeError:
        raise ProblemError("feed.too_large", {"most": state.settings.feed_max_bytes}) from None
    except DeliveryRefusedError as error:
        raise ProblemError("feed.refused", {"reason": str(error)}) from None
    except UnknownFormatError:
        raise ProblemError("feed.bad_format") from None
    return Taken(
        **report.counts(),
        refusals=[RefusedReading(line=one.line, code=one.code, reason=one.sentence) for one in report.refusals],
    )


async def unzipped(chunks: AsyncIterator[bytes], *, most: int) -> AsyncIterator[bytes]:
    """Unpack gzip as it arrives, a bounded piece at a time, so that a small bomb cannot fill the memory.

    Raises ProblemError where the body is no gzip or ends too early, and FeedTooLargeError beyond `most` packed bytes:
    gzip can go on for ever and hold nothing.
    """
    unpacker, came = zlib.decompressobj(_GZIP), 0
    try:
        async for chunk in chunks:
            came += len(chunk)
            if came > most:
                raise FeedTooLargeError(most)
            packed = chunk
            while packed:
                piece = unpacker.decompress(packed, _MOST_UNPACKED_AT_ONCE)
                if piece:
                    yield piece
                if unpacker.eof and unpacker.unused_data:
                    packed, unpacker = unpacker.unused_data, zlib.decompressobj(_GZIP)
                else:
                    packed = unpacker.unconsumed_tail
        if not unpacker.eof:
            raise ProblemError("feed.bad_gzip")
    except zlib.error:
        raise ProblemError("feed.bad_gzip") from None
