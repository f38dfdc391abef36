"""Bank transfers: money that came in by the bank's statement, and whose it is."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gridhall.billing.accounts.model import Account, AccountId
from gridhall.billing.bank.formats.port import BankFormat
from gridhall.billing.bank.model import TRANSFER, Transfer, TransferRow, TransferState
from gridhall.billing.bank.repository import TakenBeforeError, TransferRepository
from gridhall.billing.cases.model import CaseKind, case_id, case_of
from gridhall.billing.cases.operations import Cases, close, open_cases
from gridhall.billing.ledger import postings
from gridhall.billing.ledger.model import Book
from gridhall.billing.ledger.operations import post
from gridhall.billing.payments.model import PaymentReceived
from gridhall.billing.payments.operations import settle_in
from gridhall.billing.payments.till import Payments
from gridhall.kit.localdays import local_day
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Transaction

_NUMBER: Final = re.compile(r"(?<!\d)(\d{13}|\d{10})(?!\d)", re.ASCII)
"""An account number (户号) in what a payer wrote."""

_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Transfers:
    """What transfers need at hand. zone: of the days by which cases are due."""

    payments: Payments
    cases: Cases
    transfers: TransferRepository
    zone: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a statement: lines whose account was found, lines of nobody, and lines that were known."""

    matched: int = 0
    suspense: int = 0
    known: int = 0
    total: Fen = Fen(0)


@dataclass(frozen=True, slots=True)
class Assigned:
    """The money is the account's, as if it had been known at once, or the counter's own cash."""

    transfer: Transfer


@dataclass(frozen=True, slots=True)
class NotWaiting:
    """There is no such money, or it was assigned before, or had been matched at once."""


async def import_statement(
    *, transfers: Transfers, form: BankFormat, raw: bytes, region: str, now: datetime
) -> Imported:
    """Take a bank's statement: each line is settled on the account that its text names or that its payer pays for.

    Money of nobody goes to suspense, and is a case. Idempotent by the bank's serials; a repetition changes nothing.
    Raises BadBankFileError before anything is taken.
    """
    lines = form.read_transfers(raw)
    told = Imported(total=Fen(sum(line.amount for line in lines)))
    for start in range(0, len(lines), _AT_ONCE):
        chunk = lines[start : start + _AT_ONCE]
        taken = await transfers.transfers.known([line.serial for line in chunk])
        for line in chunk:
            state = None if line.serial in taken else await _take(transfers, line, region, now)
            taken.add(line.serial)
            told = Imported(
                matched=told.matched + (state is TransferState.MATCHED),
                suspense=told.suspense + (state is TransferState.SUSPENSE),
                known=told.known + (state is None),
                total=told.total,
            )
    return told


async def assign(
    *, transfers: Transfers, serial: str, account: Account, by: str, reason: str, now: datetime
) -> Assigned | NotWaiting:
    """Give money of nobody to the account that a person found it to be of. Idempotent; its case is closed."""

    async def work(transaction: Transaction) -> Assigned | NotWaiting:
        transfer = await transfers.transfers.load(serial, transaction=transaction)
        if transfer is None or transfer.state is not TransferState.SUSPENSE:
            same = transfer is not None and transfer.account_id == account.id
            return Assigned(transfer) if transfer is not None and same else NotWaiting()
        till = transfers.payments
        posting = postings.assigned(
            region=transfer.region, key=_key(serial), cash=Book.CASH_BANK, amount=transfer.row.amount, now=now
        )
        await post(postings=[posting], ledger=till.ledger, accounts=till.accounts, transaction=transaction)
        await _settle(transfers, transfer.row, account.id, now, transaction)
        await transfers.transfers.assign(serial, account_id=account.id, by=by, transaction=transaction)
        return Assigned(Transfer(transfer.row, transfer.region, TransferState.ASSIGNED, account.id, by))

    return await _closed(transfers, serial, work, by=by, reason=reason, now=now)


async def note_cash_banked(
    *, transfers: Transfers, serial: str, by: str, reason: str, now: datetime
) -> Assigned | NotWaiting:
    """Note that money of nobody is cash of the counter that was taken to the bank. Its case is closed."""

    async def work(transaction: Transaction) -> Assigned | NotWaiting:
        transfer = await transfers.transfers.load(serial, transaction=transaction)
        if transfer is None or transfer.state is not TransferState.SUSPENSE:
            return NotWaiting()
        till = transfers.payments
        posting = postings.banked(region=transfer.region, key=_key(serial), amount=transfer.row.amount, now=now)
        await post(postings=[posting], ledger=till.ledger, accounts=till.accounts, transaction=transaction)
        await transfers.transfers.assign(serial, account_id=None, by=by, transaction=transaction)
        return Assigned(Transfer(transfer.row, transfer.region, TransferState.ASSIGNED, by=by))

    return await _closed(transfers, serial, work, by=by, reason=reason, now=now)


async def _closed(
    transfers: Transfers,
    serial: str,
    work: Callable[[Transaction], Awaitable[Assigned | NotWaiting]],
    *,
    by: str,
    reason: str,
    now: datetime,
) -> Assigned | NotWaiting:
    """Do what gives money of nobody its place, and close its case."""
    outcome = await transfers.payments.mongo.transact(work)
    if isinstance(outcome, Assigned):
        await close(cases=transfers.cases, case_id=case_id(_key(serial)), by=by, reason=reason, now=now)
    return outcome


async def _take(transfers: Transfers, line: TransferRow, region: str, now: datetime) -> TransferState | None:
    account_id = await _whose(transfers, line)

    async def work(transaction: Transaction) -> TransferState:
        state = TransferState.MATCHED if account_id else TransferState.SUSPENSE
        await transfers.transfers.add(Transfer(line, region, state, account_id), transaction=transaction)
        if account_id is not None:
            await _settle(transfers, line, account_id, now, transaction)
        else:
            await _suspend(transfers, line, region, now, transaction)
        return state

    try:
        return await transfers.payments.mongo.transact(work)
    except TakenBeforeError:
        return None


async def _whose(transfers: Transfers, line: TransferRow) -> AccountId | None:
    """Return the account that the text names; where it names none, the one to which the payer's money went before.

    Where it names several, or one that there is not, a person has to look: a guess would pay a stranger's bill.
    """
    accounts = transfers.payments.accounts
    named: Sequence[str] = list(dict.fromkeys(_NUMBER.findall(line.text)))
    if named:
        found = [await accounts.by_number(number) for number in named]
        return found[0] if len(found) == 1 else None
    return await transfers.transfers.known_payer(line.payer_card) if line.payer_card else None


async def _settle(
    transfers: Transfers, line: TransferRow, account_id: AccountId, now: datetime, transaction: Transaction
) -> None:
    payment = PaymentReceived.for_account(TRANSFER, line.serial, account_id, line.amount, line.at)
    await settle_in(payments=transfers.payments, payment=payment, cash=Book.CASH_BANK, now=now, transaction=transaction)


async def _suspend(
    transfers: Transfers, line: TransferRow, region: str, now: datetime, transaction: Transaction
) -> None:
    till = transfers.payments
    posting = postings.suspended(region=region, key=_key(line.serial), cash=Book.CASH_BANK, amount=line.amount, now=now)
    await post(postings=[posting], ledger=till.ledger, accounts=till.accounts, transaction=transaction)
    case = case_of(
        kind=CaseKind.UNMATCHED_MONEY,
        key=_key(line.serial),
        region=region,
        amount=line.amount,
        evidence=(("bank_serial", line.serial), ("at", line.at.isoformat())),
        now=now,
        today=local_day(now, transfers.zone),
    )
    await open_cases(transfers.cases, [case], transaction)


def _key(serial: str) -> str:
    return f"transfer:{serial}"
