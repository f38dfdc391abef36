"""Taking bills in from a supplier's billing system: once a number, refused with a reason, recomputed at once."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from gridhall.billing.accounts.model import Account, AccountId
from gridhall.billing.bills.issuing import AccountMovedError, Issuing, write_bills
from gridhall.billing.bills.model import Bill
from gridhall.billing.bills.repository import MonthBilledError
from gridhall.billing.regions import region
from gridhall.billing.shadow import refusals
from gridhall.billing.shadow.checking import Checking, check, settle_case
from gridhall.billing.shadow.deliveries.repository import DeliveryRepository
from gridhall.billing.shadow.making import bill_of, looked_at, record_of
from gridhall.billing.shadow.model import (
    SHOWN_REFUSALS,
    Record,
    Refused,
    Report,
    Sender,
    ToldBill,
    Verdict,
    record_key,
)
from gridhall.billing.shadow.refused.repository import RefusedBillRepository
from gridhall.billing.shadow.repository import ShadowRepository
from gridhall.billing.shadow.revising import Revised, Revising, revise
from gridhall.kit.mongo import Transaction
from gridhall.kit.units import lies_in
from gridhall.metering.points.repository import PointRepository

CHUNK: Final = 200
"""Bills that are taken at once."""

_CYCLE_MONTHS: Final = 12
_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class Row:
    """A bill of a delivery: where it begins, from line 1, and the text that it came as."""

    line: int
    raw: str
    bill: ToldBill


@dataclass(frozen=True, slots=True)
class Shadow:
    """What taking bills in needs at hand."""

    issuing: Issuing
    records: ShadowRepository
    refused: RefusedBillRepository
    deliveries: DeliveryRepository
    points: PointRepository
    checking: Checking
    revising: Revising


@dataclass(slots=True)
class _Sorted:
    """What is to be done with the bills of a chunk."""

    new: list[tuple[Row, Account]] = field(default_factory=list)
    changed: list[tuple[Row, Account]] = field(default_factory=list)
    again: list[Record] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


async def take_bills(*, shadow: Shadow, rows: Sequence[Row], sender: Sender, now: datetime) -> Report:
    """Take some hundred bills of a supplier, recompute them, and open cases where they differ.

    Idempotent by the supplier's number: what it said before is a duplicate and changes nothing. What it says anew is a
    revision while nothing was paid, and refused afterwards. A refused bill is kept with its reason until it comes
    right. An imported bill is issued at once: it is the supplier's word, whatever recomputing finds.
    """
    report = Report()
    for wave in _waves(rows):
        report = report + await _take(shadow, wave, sender=sender, now=now)
    return report


async def refuse(*, shadow: Shadow, refused: Sequence[Refused], sender: Sender, now: datetime) -> Report:
    """Keep bills that nobody could read."""
    await shadow.refused.keep(refused, sender=sender.name, now=now)
    return Report(refused=len(refused), refusals=tuple(refused[:SHOWN_REFUSALS]))


async def _take(shadow: Shadow, rows: Sequence[Row], *, sender: Sender, now: datetime) -> Report:
    for _ in range(_TRIES):
        # Another worker took one of the numbers or months, or an account was paid: whoever comes second looks again.
        with suppress(MonthBilledError, AccountMovedError):
            return await _take_once(shadow, rows, sender=sender, now=now)
    return await refuse(
        shadow=shadow,
        refused=[refusals.refused(row.bill, refusals.MOVED, line=row.line, raw=row.raw) for row in rows],
        sender=sender,
        now=now,
    )


async def _take_once(shadow: Shadow, rows: Sequence[Row], *, sender: Sender, now: datetime) -> Report:
    issuing = shadow.issuing
    ids = await issuing.accounts.by_numbers({row.bill.account for row in rows})
    accounts = await issuing.accounts.load(ids.values())
    known = await _known(shadow, accounts, rows)
    keys = {record_key(one.region, row.bill.number) for row in rows if (one := _account(row, ids, accounts))}
    records = await shadow.records.load(keys)
    sorted_ = _sort(rows, ids=ids, accounts=accounts, records=records, known=known, sender=sender)
    points = await _points(shadow, accounts.values())
    taken = await _add(shadow, sorted_.new, known=known, points=points, sender=sender, now=now)
    revised: list[Record] = []
    for row, account in sorted_.changed:
        outcome = await revise(
            revising=shadow.revising, told=row.bill, account=account, points=points, sender=sender.name, now=now
        )
        if isinstance(outcome, Revised):
            revised.append(outcome.record)
            await settle_case(checking=shadow.checking, record=outcome.before, reason="revised", now=now)
        else:
            sorted_.refused.append(refusals.refused(row.bill, outcome, line=row.line, raw=row.raw))
    await shadow.refused.keep(sorted_.refused, sender=sender.name, now=now)
    await shadow.refused.settle([one.number for one in (*taken, *revised)], sender=sender.name)
    # A delivery that broke off before it recomputed is recomputed by the one that repeats it.
    unchecked = [one for one in sorted_.again if one.finding.verdict is Verdict.PENDING]
    found = await check(checking=shadow.checking, records=[*taken, *revised, *unchecked], now=now)
    return Report(
        accepted=len(taken),
        duplicate=len(sorted_.again),
        revised=len(revised),
        refused=len(sorted_.refused),
        verified=sum(one.verdict is Verdict.VERIFIED for one in found),
        differing=sum(one.verdict is Verdict.DIFFERS for one in found),
        refusals=tuple(sorted_.refused[:SHOWN_REFUSALS]),
    )


def _sort(
    rows: Sequence[Row],
    *,
    ids: Mapping[str, AccountId],
    accounts: Mapping[AccountId, Account],
    records: Mapping[str, Record],
    known: Mapping[AccountId, Sequence[Bill]],
    sender: Sender,
) -> _Sorted:
    done = _Sorted()
    for row in rows:
        bill, account = row.bill, _account(row, ids, accounts)
        if account is None or not _may(sender, account):
            done.refused.append(refusals.refused(bill, refusals.UNKNOWN_ACCOUNT, line=row.line, raw=row.raw))
            continue
        record = records.get(record_key(account.region, bill.number))
        of_month = [one for one in known[account.id] if one.month == bill.month and one.status.counts]
        if record is not None and record.digest == bill.digest:
            done.again.append(record)
        elif region(account.region).billing != "shadow":
            done.refused.append(refusals.refused(bill, refusals.NOT_SHADOW, line=row.line, raw=row.raw))
        elif record is not None or bill.replaces is not None:
            done.changed.append((row, account))
        elif of_month:
            done.refused.append(refusals.refused(bill, refusals.MONTH_HAS_BILL, line=row.line, raw=row.raw))
        else:
            done.new.append((row, account))
    return done


def _account(row: Row, ids: Mapping[str, AccountId], accounts: Mapping[AccountId, Account]) -> Account | None:
    found = ids.get(row.bill.account)
    return accounts.get(found) if found else None


def _may(sender: Sender, account: Account) -> bool:
    of_region = not sender.regions or account.region in sender.regions
    return of_region and (not sender.org_paths or any(lies_in(account.org_path, one) for one in sender.org_paths))


async def _known(
    shadow: Shadow, accounts: Mapping[AccountId, Account], rows: Sequence[Row]
) -> dict[AccountId, list[Bill]]:
    """Return each account's bills since the beginning of the longest tier cycle before the delivery."""
    first = min(row.bill.month for row in rows).shift(-_CYCLE_MONTHS)
    return await shadow.issuing.bills.since(accounts, month=first)


async def _points(shadow: Shadow, accounts: Iterable[Account]) -> dict[str, UUID]:
    """Return the service points of accounts by the numbers of the meters that hang or hung on them."""
    ids = {link.point_id for account in accounts for link in account.points}
    found = await shadow.points.by_ids(ids)
    return {link.meter: point.id for point in found.values() for link in point.links}


async def _add(
    shadow: Shadow,
    new: Sequence[tuple[Row, Account]],
    *,
    known: Mapping[AccountId, Sequence[Bill]],
    points: Mapping[str, UUID],
    sender: Sender,
    now: datetime,
) -> list[Record]:
    """Write new bills, issued, with everything that follows from them, in one transaction."""
    if not new:
        return []
    issuing = shadow.issuing
    records = [record_of(row.bill, account=account, sender=sender.name, now=now) for row, account in new]
    bills = [
        looked_at(
            bill_of(
                row.bill,
                account=account,
                record=record,
                known=known[account.id],
                points=points,
                zone=issuing.zone,
                now=now,
            ),
            now=now,
        )
        for (row, account), record in zip(new, records, strict=True)
    ]
    accounts = {account.id: account for _, account in new}

    async def write(transaction: Transaction) -> None:
        await write_bills(issuing, bills, accounts, transaction=transaction, now=now)
        await shadow.records.add(records, transaction=transaction)

    await issuing.mongo.transact(write)
    # What waited for the supplier's bill waits no more.
    for month in {bill.month for bill in bills}:
        settled = [bill.account_id for bill in bills if bill.month == month]
        await issuing.waits.keep(month=month, waiting={}, accounts=accounts, settled=settled, now=now)
    return records


def _waves(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Yield rows in such an order that no account is twice in a wave, and each account's rows stay in theirs."""
    seen = Counter[str]()
    waves: dict[int, list[Row]] = {}
    for row in rows:
        waves.setdefault(seen[row.bill.account], []).append(row)
        seen[row.bill.account] += 1
    yield from waves.values()
