"""Reconciling a bank's statement: taken in first, and then compared day by day with what is kept of it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Final

from gridhall.billing.bank.formats.port import BankFormat
from gridhall.billing.bank.model import TRANSFER, Transfer, TransferRow, TransferState
from gridhall.billing.bank.transfers import Imported, Transfers, import_statement
from gridhall.billing.reconciliation.model import Difference, Found, Reconciliation
from gridhall.billing.reconciliation.operations import Reconciling, open_differences
from gridhall.kit.localdays import local_day
from gridhall.kit.money import Fen

_AT_ONCE: Final = 500


async def take_statement(
    *, reconciling: Reconciling, transfers: Transfers, form: BankFormat, raw: bytes, region: str, now: datetime
) -> Imported:
    """Take a bank's statement in and write what came of each of its days.

    A line in suspense is a difference of its day until it is assigned; it has its own case. A serial that was kept
    with another amount or at another time is one too, and a case of its own. Idempotent. Raises BadBankFileError.
    """
    imported = await import_statement(transfers=transfers, form=form, raw=raw, region=region, now=now)
    days: dict[date, list[TransferRow]] = defaultdict(list)
    for line in form.read_transfers(raw):
        days[local_day(line.at, reconciling.zone)].append(line)
    for day, lines in days.items():
        told = Reconciliation(f"{TRANSFER}-{region}", day, now)
        for start in range(0, len(lines), _AT_ONCE):
            told = await _compare(reconciling, transfers, lines[start : start + _AT_ONCE], told, region=region)
        await reconciling.reconciliations.put(told)
    return imported


async def _compare(
    reconciling: Reconciling,
    transfers: Transfers,
    lines: Sequence[TransferRow],
    so_far: Reconciliation,
    *,
    region: str,
) -> Reconciliation:
    kept = await transfers.transfers.many([line.serial for line in lines])
    differing = [(line, one) for line in lines if (one := _difference(line, kept[line.serial], region))]
    other = [one for line, one in differing if not kept[line.serial].row.same_money(line)]
    await open_differences(reconciling, so_far, other, so_far.at)
    found = [one for _, one in differing]
    whose = [one for one in kept.values() if one.state is not TransferState.SUSPENSE]
    return replace(
        so_far,
        lines=so_far.lines + len(lines),
        theirs=Fen(so_far.theirs + sum(line.amount for line in lines)),
        matched=so_far.matched + len(lines) - len(found),
        ours=Fen(so_far.ours + sum(one.row.amount for one in whose)),
    ).differs(found)


def _difference(line: TransferRow, kept: Transfer, region: str) -> Found | None:
    if kept.row.amount != line.amount:
        return Found(Difference.AMOUNT_DIFFERS, line.serial, line.amount, kept.row.amount, region)
    if kept.state is TransferState.SUSPENSE or not kept.row.same_money(line):
        return Found(Difference.OURS_MISSING, line.serial, line.amount, Fen(0), region)
    return None
