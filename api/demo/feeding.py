"""The demo's readings: written to a file, then fed through the front door as a head-end would."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

import httpx
import orjson

from gridhall.api.demo.faults import GAPPED, SILENT, until_silent, with_gaps
from gridhall.api.demo.grid import districts
from gridhall.api.demo.people import Resident
from gridhall.api.demo.rounds import BY_HAND
from gridhall.api.state import State
from gridhall.kit.localdays import Days, Month
from gridhall.kit.quantity import from_scaled
from gridhall.kit.settings import Settings
from gridhall.metering.calendars import calendar, periods_of_day
from gridhall.metering.feed.clients import add_client
from gridhall.metering.feed.stream.process import open_stream
from gridhall.metering.feed.stream.producer import cut_into_entries, publish
from gridhall.metering.registers.model import RegisterRead
from gridhall.simulators.households import feed_lines

CLIENT = "ami-head-end"
MISREAD_KWH = 900
"""By how much the demo's one misread register is too high; the review is there to catch it."""

_BATCH_BYTES = 4 * 2**20
_MINUTES = 15
_TIMEOUT_SECONDS = 120
_LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class KeptToken:
    """The file that keeps the token."""

    path: Path

    def read(self) -> str | None:
        """Return the token, if it is there."""
        return self.path.read_text() if self.path.exists() else None

    def write(self, token: str) -> None:
        """Keep the token, for the owner's eyes."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.touch(mode=0o600)
        self.path.write_text(token)


async def feed_token(state: State, kept: KeptToken, *, regions: Sequence[str]) -> str:
    """Return the token of the demo's feed client, kept in a file because it is told only once."""
    token = kept.read()
    if token is None:
        token = await add_client(name=CLIENT, regions=regions, clients=state.metering.clients, now=state.clock.now())
        kept.write(token)
    return token


def write_feed(
    people: Sequence[Resident], *, days: Days, today: date, zone: str, to: Path, step: Callable[[], None]
) -> None:
    """Write the readings of all residents' meters and of their districts, as far as they came, as NDJSON."""
    to.parent.mkdir(parents=True, exist_ok=True)
    with to.open("wb") as out:
        for index, one in enumerate(people):
            if index != BY_HAND:
                lines = _lines(one, days, zone)
                if index == GAPPED:
                    lines = with_gaps(lines, today=today)
                elif index == SILENT:
                    lines = until_silent(lines, today=today)
                out.writelines(lines)
            step()
        for district in districts([one.household for one in people]):
            out.writelines(district.lines(days=days, zone=zone))


def _lines(one: Resident, days: Days, zone: str) -> Iterator[bytes]:
    hours = calendar(one.calendar)

    def periods_of(day: date) -> Sequence[int]:
        return periods_of_day(hours, day=day, minutes=_MINUTES, zone=zone)

    return feed_lines(one.household, days=days, zone=zone, periods=hours.periods, periods_of=periods_of)


def send_feed(path: Path, *, url: str, token: str, step: Callable[[int], None]) -> dict[str, int]:
    """Send the file in batches and return the sums of what the intake answered; `step` is told the bytes sent."""
    totals = {"accepted": 0, "duplicate": 0, "corrected": 0, "quarantined": 0}
    with httpx.Client(timeout=_TIMEOUT_SECONDS, headers={"Authorization": f"Bearer {token}"}) as http:
        for batch in _batches(path):
            answer = http.post(
                f"{url}/v1/feed/readings",
                content=batch,
                headers={"Content-Type": "application/x-ndjson", "Idempotency-Key": sha256(batch).hexdigest()},
            )
            answer.raise_for_status()
            told = answer.json()
            for name in totals:
                totals[name] += told[name]
            step(len(batch))
    return totals


async def stream_feed(path: Path, *, settings: Settings, token: str) -> None:
    """Publish the file to the Redis Stream and return when its consumer has stored all of it.

    Raises TimeoutError where that takes more than two minutes.
    """
    async with open_stream(settings) as stream, asyncio.timeout(_TIMEOUT_SECONDS):
        await stream.prepare()
        with path.open("rb") as lines:
            for rows in cut_into_entries(lines, format="ndjson"):
                await publish(rows=rows, token=token, stream=stream, batch=path.stem)
        while (status := await stream.status()).pending or status.lag:  # noqa: ASYNC110 - another process stores
            await asyncio.sleep(_LOOK_SECONDS)


def misread_row(one: Resident, read: RegisterRead) -> bytes:
    """Return a register read once more, with 900 kWh too much: somebody misread a digit."""
    wrong = {name: str(from_scaled(value, scale=read.scale) + MISREAD_KWH) for name, value in read.values.items()}
    return orjson.dumps({"meter": one.household.meter_no, "at": read.at.isoformat(), "registers": wrong}) + b"\n"


def months_until(today: date, *, count: int) -> list[Month]:
    """Return the last whole months before the month of `today`, oldest first."""
    return [Month.of(today).shift(-back) for back in range(count, 0, -1)]


def _batches(path: Path) -> Iterator[bytes]:
    with path.open("rb") as lines:
        while batch := lines.readlines(_BATCH_BYTES):
            yield b"".join(batch)
