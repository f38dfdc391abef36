"""Replay: rows in quarantine go through the intake again, once what stood against them is mended."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from gridhall.kit.keyset import Before
from gridhall.metering.feed.clients import Clients
from gridhall.metering.feed.formats.registry import FORMATS, UnknownFormatError, choose
from gridhall.metering.feed.formats.rows import DeliveryRefusedError
from gridhall.metering.feed.intake import IntakeStores, inspect, take
from gridhall.metering.feed.lines import FeedTooLargeError
from gridhall.metering.feed.model import FeedSource, IntakeReport, Limits
from gridhall.metering.feed.quarantine import KeptRow
from gridhall.metering.feed.refusals import SENTENCES

_AT_ONCE: Final = 200
_CUT: Final = frozenset({"line-too-long", "entry-too-large"})
"""Of such rows only the beginning is kept, and a beginning must not be taken for the whole."""

Outcome = Literal["accepted", "moved", "refused"]


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """What became of replayed rows.

    accepted: in no quarantine any more. moved: refused for another reason now, and kept under that. refused: for
    the same reason again, with its count raised.
    """

    accepted: int = 0
    moved: int = 0
    refused: int = 0

    def counts(self) -> dict[str, int]:
        """Return the counts by name."""
        return {"accepted": self.accepted, "moved": self.moved, "refused": self.refused}


async def replay(
    *,
    batch: str | None = None,
    reason: str | None = None,
    stores: IntakeStores,
    clients: Clients,
    limits: Limits,
    now: datetime,
) -> ReplayReport:
    """Take the rows in quarantine, of all or of one delivery or reason, through the intake again.

    Each row goes under the scope that its client has today; so does one that came before the scope was changed.
    A replay that broke off is simply started again: what it stored is found to be stored.
    """
    count: Counter[Outcome] = Counter()
    # Only rows that were refused before it began, to the millisecond of the database: it may itself move some here.
    before: Before = (now.replace(microsecond=now.microsecond // 1000 * 1000), None)
    while rows := await stores.quarantine.open(batch=batch, reason=reason, before=before, limit=_AT_ONCE):
        before = (rows[-1].last_at, rows[-1].id)
        for row in rows:
            count[await replay_one(row, stores=stores, clients=clients, limits=limits, now=now)] += 1
    return ReplayReport(**_named(count))


async def replay_one(row: KeptRow, *, stores: IntakeStores, clients: Clients, limits: Limits, now: datetime) -> Outcome:
    """Take one row through the intake again. What is settled stays as it is and counts as accepted."""
    if row.settled:
        return "accepted"
    if row.code in _CUT:
        return "refused"
    source, limits = await _source(row, clients), replace(limits, shown_refusals=len(SENTENCES))
    try:
        report = await take(
            chunks=_delivery(row, row.raw), format=row.format, source=source, stores=stores, limits=limits, now=now
        )
    except (UnknownFormatError, DeliveryRefusedError, FeedTooLargeError):
        return "refused"
    if any(one.code == row.code for one in report.refusals):
        return "refused"
    if report.quarantined == 0 and not _readings(report):
        return "refused"
    settled: Literal["moved", "accepted"] = "moved" if report.quarantined else "accepted"
    await stores.quarantine.settle(row, settled=settled, by=None, now=now)
    return settled


async def correct(
    row: KeptRow, *, corrected: bytes, stores: IntakeStores, clients: Clients, limits: Limits, now: datetime
) -> IntakeReport:
    """Take a corrected row in the place of one in quarantine, which is settled by it; both are kept.

    Raises NotCorrectedError where the corrected row would be refused too; then nothing is stored. Raises
    SettledBeforeError where the row has left the quarantine.
    """
    if row.settled:
        raise SettledBeforeError(row)
    source = await _source(row, clients)
    corrected = corrected.rstrip(b"\r\n")
    try:
        refused = await inspect(
            chunks=_delivery(row, corrected), format=row.format, source=source, stores=stores, limits=limits, now=now
        )
    except (UnknownFormatError, DeliveryRefusedError, FeedTooLargeError) as error:
        raise NotCorrectedError(str(error)) from None
    if refused:
        place, _, _ = refused[0].sentence.partition("; kept in quarantine")
        raise NotCorrectedError(place)
    report = await take(
        chunks=_delivery(row, corrected), format=row.format, source=source, stores=stores, limits=limits, now=now
    )
    if not _readings(report):
        raise NotCorrectedError("it has no reading")
    await stores.quarantine.settle(row, settled="corrected", by=corrected, now=now)
    return report


async def named_meters(row: KeptRow, *, text: bytes, limits: Limits) -> set[str]:
    """Return the numbers of the meters that a row would name with `text` in its place.

    Raises NotCorrectedError where that is no row at all.
    """
    try:
        chosen, chunks = await choose(row.format, _delivery(row, text.rstrip(b"\r\n")), most=limits.max_bytes)
        return {number async for rows in chosen.rows(chunks, limits=limits) for number in rows.meter_numbers()}
    except (UnknownFormatError, DeliveryRefusedError, FeedTooLargeError) as error:
        raise NotCorrectedError(str(error)) from None


async def _source(row: KeptRow, clients: Clients) -> FeedSource:
    """Return the source of a row: as wide as its client is today, as wide as it was where there is no such client."""
    client = None if row.regions is None else await clients.by_name(row.client)
    if client:
        return client.source(batch=row.batch)
    return row.scope


async def _delivery(row: KeptRow, text: bytes) -> AsyncIterator[bytes]:
    found = FORMATS.get(row.format)
    yield found.alone(head=row.head, row=text) if found else text


def _readings(report: IntakeReport) -> int:
    return report.accepted + report.duplicate + report.corrected


def _named(count: Mapping[Outcome, int]) -> dict[str, int]:
    return {str(outcome): number for outcome, number in count.items()}


class NotCorrectedError(ValueError):
    """The corrected row would be refused as well."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the corrected row would be refused too: {reason}")
        self.reason = reason


class SettledBeforeError(ValueError):
    """The row is in quarantine no more."""

    def __init__(self, row: KeptRow) -> None:
        super().__init__(f"row {row.id.hex()} has left the quarantine: {row.settled}")
