"""The board of a region's month, put together of a handful of groups."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from gridhall.billing.accounts.repository import AccountRepository
from gridhall.billing.arrears.pursuits.repository import PursuitRepository
from gridhall.billing.bills.model import BillStatus
from gridhall.billing.board.model import STAGE_OF_WAIT, Board, Row, Share, Stage
from gridhall.billing.board.repository import BoardRepository
from gridhall.billing.waits.repository import WaitRepository
from gridhall.kit.localdays import Month, day_start, local_day
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Document

STAGE_OF_STATUS: Final = {
    BillStatus.ISSUED: Stage.ISSUED,
    BillStatus.PART_PAID: Stage.PART_PAID,
    BillStatus.PAID: Stage.PAID,
    BillStatus.WRITTEN_OFF: Stage.WRITTEN_OFF,
    BillStatus.CANCELLED: Stage.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Boards:
    """What the board needs at hand."""

    board: BoardRepository
    accounts: AccountRepository
    waits: WaitRepository
    pursuits: PursuitRepository
    zone: str

    def today(self, now: datetime) -> date:
        """Return the local day of an instant."""
        return local_day(now, self.zone)


async def billing_board(*, boards: Boards, region: str, month: Month, units: Sequence[str], now: datetime) -> Board:
    """Return the board of units of a region ('' for all of it); five reads, each a group over an index."""
    today, read = boards.today(now), boards.board
    accounts = await read.accounts(region=region, units=units)
    waits = await read.waits(region=region, month=month, units=units)
    bills = await read.bills(region=region, month=month, units=units, today=today)
    held = await read.held(region=region, month=month, units=units)
    late = await read.in_procedure(region=region, month=month, units=units, today=today)
    rows = {row.stage: row for row in (*_waiting(waits), *_held(held), *_issued(bills, late, boards.zone))}
    come_to = sum(row.count for row in rows.values() if row.stage is not Stage.CANCELLED)
    rows[Stage.NOT_RUN] = Row(Stage.NOT_RUN, max(accounts - come_to, 0))
    return Board(region, month, accounts, tuple(rows.get(stage, Row(stage, 0)) for stage in Stage))


def _waiting(found: Iterable[Document]) -> Iterable[Row]:
    by_stage: dict[Stage, list[Document]] = {}
    for one in found:
        by_stage.setdefault(STAGE_OF_WAIT.get(one["_id"], Stage.WAITING_CONTRACT), []).append(one)
    for stage, group in by_stage.items():
        yield Row(
            stage=stage,
            count=sum(one["count"] for one in group),
            since=min(one["since"] for one in group),
            reasons=_shares(Counter({one["_id"]: one["count"] for one in group})),
        )


def _held(found: Iterable[Document]) -> Iterable[Row]:
    by_stage: dict[Stage, list[Document]] = {}
    for one in found:
        stands = one["_id"]
        stage = held_stage(awaits_approval=stands.get("awaits_approval"), sent_back=stands.get("sent_back"))
        by_stage.setdefault(stage, []).append(one)
    for stage, group in by_stage.items():
        owners, reasons = Counter[str](), Counter[str]()
        for one in group:
            owners[one["_id"].get("owner") or ""] += one["count"]
            for code in one["_id"].get("findings") or ():
                reasons[code] += one["count"]
        yield Row(
            stage=stage,
            count=sum(one["count"] for one in group),
            amount=Fen(sum(one["total"] for one in group)),
            since=min(one["since"] for one in group),
            owners=_shares(owners),
            reasons=_shares(reasons),
        )


def held_stage(*, awaits_approval: bool | None, sent_back: bool | None) -> Stage:
    """Return the stage of a held bill."""
    if awaits_approval:
        return Stage.APPROVAL_WAITING
    return Stage.RELEASE_SENT_BACK if sent_back else Stage.HELD


def _issued(found: Iterable[Document], late: Sequence[Document], zone: str) -> Iterable[Row]:
    overdue: list[Document] = []
    for one in found:
        status = BillStatus(one["_id"]["status"])
        if status.payable and one["_id"]["overdue"]:
            overdue.append(one)
            continue
        amount = one["total"] - one["paid"] if status.payable else one["total"]
        yield Row(STAGE_OF_STATUS[status], one["count"], Fen(amount), one["since"])
    yield from (row for row in (_in_procedure(late), _overdue(overdue, late, zone)) if row)


def _in_procedure(late: Sequence[Document]) -> Row | None:
    if not late:
        return None
    return Row(
        stage=Stage.IN_ARREARS,
        count=sum(one["count"] for one in late),
        amount=Fen(sum(one["owed"] for one in late)),
        since=min(one["since"] for one in late),
        reasons=_shares(Counter({one["_id"]: one["count"] for one in late})),
    )


def _overdue(overdue: Sequence[Document], late: Sequence[Document], zone: str) -> Row | None:
    """Return what is overdue and not in the procedure."""
    count = sum(one["count"] for one in overdue) - sum(one["count"] for one in late)
    if count <= 0:
        return None
    owed = sum(one["total"] - one["paid"] for one in overdue) - sum(one["owed"] for one in late)
    first = min(date.fromisoformat(one["due_on"]) for one in overdue)
    return Row(Stage.OVERDUE, count, Fen(owed), overdue_since(first, zone))


def overdue_since(due_on: date, zone: str) -> datetime:
    """Return when a bill came to be overdue: as the day after its last day of payment began."""
    return day_start(due_on + timedelta(days=1), zone)


def _shares(counts: Counter[str]) -> tuple[Share, ...]:
    return tuple(Share(name, count) for name, count in sorted(counts.items(), key=lambda one: (-one[1], one[0])))
