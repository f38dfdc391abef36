"""Fills the demo: people, readings through the front door, a year of bills and payments. Every step is idempotent."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import httpx
from rich.progress import Progress

from gridhall.api.demo.billing import bill_and_pay, remind_and_advise, work_the_night
from gridhall.api.demo.desk import work_at_the_desk
from gridhall.api.demo.faults import SILENT
from gridhall.api.demo.feeding import (
    KeptToken,
    feed_token,
    misread_row,
    months_until,
    send_feed,
    stream_feed,
    write_feed,
)
from gridhall.api.demo.grid import with_bypass
from gridhall.api.demo.people import Resident, residents
from gridhall.api.demo.registering import register
from gridhall.api.demo.rounds import BY_HAND, read_by_hand
from gridhall.api.demo.wechat import use_mini_program
from gridhall.api.state import State
from gridhall.kit.jobs import CeleryQueue, producer
from gridhall.kit.localdays import Days, local_day
from gridhall.metering.registers.queries import reads_at
from gridhall.simulators.households import households
from gridhall.workers import names

HOUSEHOLDS = 60
REGIONS = ("zhejiang", "shaanxi")
MONTHS = 13
SEED = 95598
MISREAD = 6
"""Index of the resident whose last register is misread."""
MINI_PROGRAM_EVERY = 3
"""One of so many residents uses the WeChat mini-program."""


async def seed(state: State, *, api_url: str, phone_url: str, progress: Progress) -> Sequence[Resident]:
    """Fill the demo, from where an earlier start left off, and return its residents."""
    zone = state.settings.time_zone
    today = local_day(state.clock.now(), zone)
    months = months_until(today, count=MONTHS)
    folder = state.settings.data_dir / "demo"
    drawn = households(HOUSEHOLDS, REGIONS, SEED)
    people = residents(with_bypass(drawn, today=today, kept_in=folder / "bypassed-since"))
    await register(state, people, since=months[0].first, now=state.clock.now())
    _tell_phone(phone_url, people)
    use_mini_program(people[::MINI_PROGRAM_EVERY], api_url=api_url, wechat_url=state.settings.wechat_url)

    token = await feed_token(state, KeptToken(folder / "feed-client.token"), regions=REGIONS)
    fed_until = await _fed_until(state, people)
    first, newest = min(fed_until or months[0].first, today), today - timedelta(days=1)
    writing = progress.add_task("写采集文件 Writing the feed", total=2 * len(people))
    older, newer = folder / f"readings-{today}.ndjson", folder / f"readings-{newest}-newest.ndjson"
    for file, days in (older, Days(min(first, newest), newest)), (newer, Days(min(max(first, newest), today), today)):
        write_feed(people, days=days, today=today, zone=zone, to=file, step=lambda: progress.advance(writing))
    sending = progress.add_task("经接口送入 Feeding the front door", total=older.stat().st_size)
    send_feed(older, url=api_url, token=token, step=lambda sent: progress.advance(sending, sent))
    await stream_feed(newer, settings=state.settings, token=token)
    older.unlink()
    newer.unlink()
    if fed_until is None:
        await _misread(state, people[MISREAD], url=api_url, token=token, at=months[-1].days.end, folder=folder)

    await read_by_hand(state, people, months=months)
    billing = progress.add_task("逐月出账 Billing month by month", total=len(months))
    await bill_and_pay(state, people, months=months, step=lambda: progress.advance(billing))
    routes = {name: {"queue": queue} for name, queue in names.QUEUES.items()}
    queue = CeleryQueue(producer(str(state.settings.redis_uri), routes=routes))
    await work_the_night(queue)
    await remind_and_advise(state, people, queue=queue)
    await work_at_the_desk(state, people, now=state.clock.now())
    return people


def _tell_phone(phone_url: str, people: Sequence[Resident]) -> None:
    known = [{"name": one.name, "phone": one.phone, "mail": one.mail} for one in people]
    httpx.post(f"{phone_url}/people", json=known).raise_for_status()


async def _fed_until(state: State, people: Sequence[Resident]) -> date | None:
    """Return the first day that has to be fed (again): the last that is there; None where nothing is."""
    sending = [one.point_id for index, one in enumerate(people) if index not in {BY_HAND, SILENT}]
    heads = await state.metering.stores.histories.heads(sending)
    return min(head.last_day for head in heads.values()) if len(heads) == len(sending) else None


async def _misread(state: State, one: Resident, *, url: str, token: str, at: date, folder: Path) -> None:
    reads = await reads_at(point_ids=[one.point_id], days=[at], registers=state.metering.stores.registers)
    row = folder / "misread.ndjson"
    row.write_bytes(misread_row(one, reads[one.point_id, at]))
    send_feed(row, url=url, token=token, step=lambda _sent: None)
