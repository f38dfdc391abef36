"""A bill that is questioned: what it stands on is no longer what is kept. Somebody decides whether to bill anew."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final
from uuid import UUID, uuid5

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.bills.model import Bill, BillId
from gridhall.metering.closings.model import ChangeKind

_NAMESPACE: Final = UUID("8a4e5f0e-25c7-5a0b-9d53-0d8f5f1b7c11")


class Verdict(StrEnum):
    """What somebody decided on a bill that is questioned."""

    REBILL = "rebill"
    LEAVE = "leave"
    """The bill stands as it is: the difference does not matter, or it was settled elsewhere."""


@dataclass(frozen=True, slots=True)
class Decided:
    """Who decided on a correction, and why."""

    verdict: Verdict
    by: str
    reason: str
    at: datetime


Figures = tuple[tuple[str, str], ...]
"""Numbers by name: a period and its kWh, or a meter's register and what it shows."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A day of a bill's period that was corrected after its issue.

    kind: a curve, by which the bill was reviewed, or a register read, which it stands on. before: as the bill knows
    it. noted_at: when it was found. id: follows from what it says, so it is noted once. decided: None while nobody has.
    """

    bill_id: BillId
    account_id: AccountId
    region: str
    org_path: str
    point_id: UUID
    kind: ChangeKind
    day: date
    before: Figures
    after: Figures
    noted_at: datetime
    decided: Decided | None = None

    @property
    def id(self) -> UUID:
        """The id."""
        return uuid5(_NAMESPACE, f"{self.bill_id} {self.point_id} {self.kind} {self.day} {self.after}")


def borders(bill: Bill) -> set[tuple[UUID, date]]:
    """Return the points and midnights whose reads a bill stands on: mostly its own borders.

    Beside them the day of an exchange; and of a bill that caught up, the two reads that its energy was shared out of.
    """
    found = ((row.point_id, row.days or bill.days) for row in bill.registers)
    return {(point_id, day) for point_id, days in found for day in (days.start, days.end)}


def of_register(
    bill: Bill, *, point_id: UUID, day: date, shown: Mapping[tuple[str, str], Decimal], now: datetime
) -> Correction | None:
    """Return a correction where a bill stands on another read of a midnight than the one that is `shown` now.

    Between the two reads of a bill that caught up there was none: one that comes late for a midnight between them would
    share the energy out otherwise, and changes nothing of how much it is.

    shown: by meter and register; what is not shown any more is no correction.
    """
    opened: dict[tuple[str, str], Decimal | None] = {}
    closed: dict[tuple[str, str], Decimal | None] = {}
    for row in bill.registers:
        days, key = row.days or bill.days, (row.meter, row.period)
        # A meter whose multiplier changed has several rows: its first opens the period, its last closes it.
        if row.point_id == point_id and days.start == day:
            opened.setdefault(key, row.opening)
        if row.point_id == point_id and days.end == day:
            closed[key] = row.closing
    before, after = {}, {}
    for key, billed in (*opened.items(), *closed.items()):
        kwh = shown.get(key)
        if kwh is not None and billed is not None and billed != kwh:
            before[" ".join(key)], after[" ".join(key)] = _text(billed), _text(kwh)
    if not after:
        return None
    kind = ChangeKind.REGISTER
    return _correction(bill, point_id=point_id, kind=kind, day=day, before=before.items(), after=after.items(), now=now)


def of_curve(
    bill: Bill,
    *,
    point_id: UUID,
    day: date,
    before: Mapping[str, str],
    after: Mapping[str, str],
    now: datetime,
) -> Correction | None:
    """Return a correction where the energy of a day within a bill's period changed."""
    if day not in bill.days or all(row.point_id != point_id for row in bill.registers):
        return None
    if {period: Decimal(kwh) for period, kwh in before.items()} == {one: Decimal(kwh) for one, kwh in after.items()}:
        return None
    old, new = sorted(before.items()), sorted(after.items())
    return _correction(bill, point_id=point_id, kind=ChangeKind.CURVE, day=day, before=old, after=new, now=now)


def _correction(
    bill: Bill,
    *,
    point_id: UUID,
    kind: ChangeKind,
    day: date,
    before: Iterable[tuple[str, str]],
    after: Iterable[tuple[str, str]],
    now: datetime,
) -> Correction:
    return Correction(
        bill_id=bill.id,
        account_id=bill.account_id,
        region=bill.region,
        org_path=bill.org_path,
        point_id=point_id,
        kind=kind,
        day=day,
        before=tuple(before),
        after=tuple(after),
        noted_at=now,
    )


def _text(number: Decimal) -> str:
    return f"{number.normalize():f}"
