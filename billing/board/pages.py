"""The accounts in a stage of the board, page by page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final, TypeVar
from uuid import UUID

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.arrears.model import Pursuit
from gridhall.billing.bills.holds import HoldMove
from gridhall.billing.bills.model import Bill, BillId, BillStatus
from gridhall.billing.board.model import PROCEDURE, WAITS, Entry, Stage
from gridhall.billing.board.queries import STAGE_OF_STATUS, Boards, held_stage, overdue_since
from gridhall.billing.board.repository import overdue, within
from gridhall.kit.localdays import Month
from gridhall.kit.mongo import Document

T = TypeVar("T")

_AT_ONCE: Final = 200
_LOOKS: Final = 10
"""A page is sought in so many reads at most; where all of them find little, it is a short one that goes on."""

_STATUS: Final = {stage: status for status, stage in STAGE_OF_STATUS.items()}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which accounts are asked for: a stage of units of a region's month, from behind a place."""

    region: str
    month: Month
    units: Sequence[str]
    stage: Stage
    after: str | None
    limit: int


@dataclass(frozen=True, slots=True)
class Found:
    """A page. place: where the next one goes on, None behind the last."""

    entries: tuple[Entry, ...]
    place: str | None


async def stage_page(*, boards: Boards, asked: Asked, now: datetime) -> Found:
    """Return the accounts of a stage: waiting ones with the longest first, the others by unit and the oldest first.

    Raises BadPlaceError where `after` is no place of the stage.
    """
    if asked.stage in WAITS:
        return await _waiting(boards, asked)
    if asked.stage is Stage.NOT_RUN:
        return await _not_run(boards, asked)
    return await _bills(boards, asked, today=boards.today(now))


async def _waiting(boards: Boards, asked: Asked) -> Found:
    found = await boards.waits.page(
        region=asked.region,
        month=asked.month,
        units=asked.units,
        codes=WAITS[asked.stage],
        after=_read(asked.after, _wait_place),
        limit=asked.limit + 1,
    )
    entries = [
        Entry(
            account_id=one.account_id,
            place=f"{one.since.isoformat()} {one.id}",
            since=one.since,
            owner=dict(one.waiting.params).get("by"),
            why=((one.waiting.code, " ".join(value for name, value in one.waiting.params if name != "by")),),
        )
        for one in found
    ]
    return _cut(entries, asked.limit)


async def _not_run(boards: Boards, asked: Asked) -> Found:
    """Walk over the accounts and leave out those that have a bill or a wait of the month."""
    entries: list[Entry] = []
    place = _read(asked.after, _account_place)
    for _ in range(_LOOKS):
        found = await boards.board.account_page(region=asked.region, units=asked.units, after=place, limit=_AT_ONCE)
        ids = [account_id for _, account_id in found]
        come_to = await boards.waits.of_accounts(ids, month=asked.month)
        come_to |= await boards.board.billed(ids, month=asked.month)
        entries += [Entry(one, place=f"{path} {one}") for path, one in found if one not in come_to]
        if len(entries) > asked.limit or len(found) < _AT_ONCE:
            return _cut(entries, asked.limit)
        place = found[-1]
    return Found(tuple(entries), place=f"{place[0]} {place[1]}" if place else None)


async def _bills(boards: Boards, asked: Asked, *, today: date) -> Found:
    """Walk over the bills of a stage's statuses and keep those that stand in it."""
    entries: list[Entry] = []
    place = _read(asked.after, _bill_place)
    wanted = _filter(asked, today)
    followed = asked.stage in {Stage.OVERDUE, Stage.IN_ARREARS}
    for _ in range(_LOOKS):
        bills = await boards.board.bill_page(wanted=wanted, after=place, limit=_AT_ONCE)
        pursuits = await boards.pursuits.load({bill.account_id for bill in bills}) if followed else {}
        entries += [
            _entry(bill, pursuits.get(bill.account_id), stage=asked.stage, zone=boards.zone)
            for bill in bills
            if _stage(bill, pursuits.get(bill.account_id), today) is asked.stage
        ]
        if len(entries) > asked.limit or len(bills) < _AT_ONCE:
            return _cut(entries, asked.limit)
        place = (bills[-1].org_path, bills[-1].id)
    return Found(tuple(entries), place=f"{place[0]} {place[1]}" if place else None)


def _filter(asked: Asked, today: date) -> Document:
    if asked.stage in {Stage.OVERDUE, Stage.IN_ARREARS}:
        return overdue(asked.region, asked.month, asked.units, today)
    status = _STATUS.get(asked.stage, BillStatus.HELD)
    return {"region": asked.region, "month": str(asked.month), "status": status, **within(asked.units)}


def _stage(bill: Bill, pursuit: Pursuit | None, today: date) -> Stage:
    if bill.status is BillStatus.HELD:
        hold = bill.hold
        return held_stage(awaits_approval=bool(hold and hold.awaits_approval), sent_back=bool(hold and hold.tries))
    if bill.overdue(today):
        return Stage.IN_ARREARS if pursuit is not None and pursuit.state in PROCEDURE else Stage.OVERDUE
    return STAGE_OF_STATUS[bill.status]


def _since(bill: Bill, pursuit: Pursuit | None, *, stage: Stage, zone: str) -> datetime | None:
    """Return when a bill came to a stage; the board says the same of the oldest."""
    if stage is Stage.IN_ARREARS and pursuit is not None:
        return pursuit.since
    if stage is Stage.OVERDUE and bill.due_on is not None:
        return overdue_since(bill.due_on, zone)
    return bill.issued_at or bill.made_at


def _entry(bill: Bill, pursuit: Pursuit | None, *, stage: Stage, zone: str) -> Entry:
    held = bill.status is BillStatus.HELD
    hold = bill.hold if held else None
    why = [(one.code, ", ".join(f"{name} {value}" for name, value in one.evidence)) for one in bill.findings if held]
    why += [(step.what, step.note) for step in (hold.steps if hold else ()) if step.what is not HoldMove.ASSIGNED]
    if pursuit is not None:
        why.append((pursuit.state, ""))
    return Entry(
        account_id=bill.account_id,
        place=f"{bill.org_path} {bill.id}",
        bill_id=bill.id,
        bill_number=bill.number,
        amount=bill.owed if bill.status.payable else bill.total,
        since=_since(bill, pursuit, stage=stage, zone=zone),
        owner=hold.owner if hold else None,
        why=tuple(why),
    )


def _cut(entries: Sequence[Entry], limit: int) -> Found:
    shown = tuple(entries[:limit])
    return Found(shown, place=shown[-1].place if len(entries) > limit else None)


def _read(place: str | None, read: Callable[[str, str], T]) -> T | None:
    if place is None:
        return None
    first, _, last = place.rpartition(" ")
    try:
        return read(first, last)
    except (ValueError, OverflowError):  # OverflowError: an instant before the year 1 or after 9999
        raise BadPlaceError from None


def _wait_place(at: str, last: str) -> tuple[datetime, str]:
    instant = datetime.fromisoformat(at)
    if instant.utcoffset() is None:
        raise ValueError(at)
    return instant.astimezone(UTC), last


def _bill_place(path: str, last: str) -> tuple[str, BillId]:
    return path, BillId(UUID(last))


def _account_place(path: str, last: str) -> tuple[str, AccountId]:
    return path, AccountId(UUID(last))


class BadPlaceError(ValueError):
    """A place that no page of this stage gave out."""

    def __init__(self) -> None:
        super().__init__("after: not a place in this stage of the board")
