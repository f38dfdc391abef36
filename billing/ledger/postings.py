"""The postings there are, each made in one place."""

from datetime import datetime
from uuid import UUID

from gridhall.billing.accounts.model import Account
from gridhall.billing.ledger.model import Book, Entry, Posting, PostingKind
from gridhall.kit.money import Fen


def charge(*, account: Account, bill_id: UUID, total: Fen, now: datetime) -> Posting:
    """An issued bill: the account owes its total."""
    return Posting(
        key=f"charge:{bill_id}",
        kind=PostingKind.CHARGE,
        account_id=account.id,
        region=account.region,
        at=now,
        entries=(Entry(Book.RECEIVABLE, total), Entry(Book.REVENUE, Fen(-total))),
    )


def transfer_prepaid(*, account: Account, bill_id: UUID, amount: Fen, now: datetime) -> Posting:
    """Money paid ahead that pays (part of) a bill as it is issued."""
    return Posting(
        key=f"transfer:{bill_id}",
        kind=PostingKind.TRANSFER,
        account_id=account.id,
        region=account.region,
        at=now,
        entries=(Entry(Book.PREPAID, amount), Entry(Book.RECEIVABLE, Fen(-amount))),
    )


def payment(
    *, account: Account, provider: str, number: str, cash: Book, to_bills: Fen, to_prepaid: Fen, now: datetime
) -> Posting:
    """A received payment: what pays bills, and the rest as money paid ahead."""
    entries = [Entry(cash, Fen(to_bills + to_prepaid))]
    if to_bills:
        entries.append(Entry(Book.RECEIVABLE, Fen(-to_bills)))
    if to_prepaid:
        entries.append(Entry(Book.PREPAID, Fen(-to_prepaid)))
    return Posting(
        key=f"payment:{provider}:{number}:{account.id}",
        kind=PostingKind.PAYMENT,
        account_id=account.id,
        region=account.region,
        at=now,
        entries=tuple(entries),
    )
