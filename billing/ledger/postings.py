"""The postings there are, each made in one place."""

from datetime import date, datetime
from uuid import UUID

from gridhall.billing.accounts.model import Account
from gridhall.billing.ledger.model import Book, Entry, Posting, PostingKind, house
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


def credited(*, account: Account, note_id: UUID, total: Fen, to_prepaid: Fen, now: datetime) -> Posting:
    """A bill that is taken back: it is not owed any more, and what had been paid of it is money paid ahead."""
    moved = {Book.REVENUE: total, Book.RECEIVABLE: Fen(to_prepaid - total), Book.PREPAID: Fen(-to_prepaid)}
    return _moved(account, key=f"credit:{note_id}", kind=PostingKind.CREDIT, moved=moved, now=now)


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
    *,
    account: Account,
    provider: str,
    number: str,
    cash: Book,
    to_bills: Fen,
    to_prepaid: Fen,
    to_penalties: Fen = Fen(0),
    now: datetime,
) -> Posting:
    """A received payment: what pays bills and penalties, and the rest as money paid ahead."""
    moved = {
        cash: Fen(to_bills + to_penalties + to_prepaid),
        Book.RECEIVABLE: Fen(-to_bills),
        Book.PENALTY: Fen(-to_penalties),
        Book.PREPAID: Fen(-to_prepaid),
    }
    key = f"payment:{provider}:{number}:{account.id}"
    return _moved(account, key=key, kind=PostingKind.PAYMENT, moved=moved, now=now)


def payment_taken_back(
    *, account: Account, key: str, cash: Book, from_bills: Fen, from_prepaid: Fen, from_penalties: Fen, now: datetime
) -> Posting:
    """Money that had not come after all: out of what was prepaid, and owed again on bills and penalties it had paid."""
    return _moved(
        account,
        key=f"reversal:{key}",
        kind=PostingKind.PAYMENT_REVERSAL,
        moved={
            Book.RECEIVABLE: from_bills,
            Book.PREPAID: from_prepaid,
            Book.PENALTY: from_penalties,
            cash: Fen(-from_bills - from_prepaid - from_penalties),
        },
        now=now,
    )


def refund_reserved(
    *, account: Account, number: str, from_bills: Fen, from_penalties: Fen, from_prepaid: Fen, now: datetime
) -> Posting:
    """Money that is to be given back: it cannot be spent any more, and has not gone yet."""
    moved = {
        Book.RECEIVABLE: from_bills,
        Book.PENALTY: from_penalties,
        Book.PREPAID: from_prepaid,
        Book.REFUND_DUE: Fen(-from_bills - from_penalties - from_prepaid),
    }
    return _moved(account, key=f"refund:{number}:reserved", kind=PostingKind.TRANSFER, moved=moved, now=now)


def refund_released(
    *, account: Account, number: str, to_bills: Fen, to_penalties: Fen, to_prepaid: Fen, now: datetime
) -> Posting:
    """A refund that did not come about: the money is the customer's to spend again."""
    moved = {
        Book.REFUND_DUE: Fen(to_bills + to_penalties + to_prepaid),
        Book.PENALTY: Fen(-to_penalties),
        Book.RECEIVABLE: Fen(-to_bills),
        Book.PREPAID: Fen(-to_prepaid),
    }
    return _moved(account, key=f"refund:{number}:released", kind=PostingKind.TRANSFER, moved=moved, now=now)


def refund(*, account: Account, number: str, cash: Book, amount: Fen, now: datetime) -> Posting:
    """Money that was given back, once it has gone."""
    moved = {Book.REFUND_DUE: amount, cash: Fen(-amount)}
    return _moved(account, key=f"refund:{number}", kind=PostingKind.REFUND, moved=moved, now=now)


def suspended(*, region: str, key: str, cash: Book, amount: Fen, now: datetime) -> Posting:
    """Money of which it is not known whose it is, or that is missing where below zero: on the house account."""
    return Posting(
        key=f"suspense:{key}",
        kind=PostingKind.TRANSFER,
        account_id=house(region),
        region=region,
        at=now,
        entries=(Entry(cash, amount), Entry(Book.SUSPENSE, Fen(-amount))),
    )


def assigned(*, region: str, key: str, cash: Book, amount: Fen, now: datetime) -> Posting:
    """Money that was found to be somebody's: it leaves the house account, and is settled there as it came."""
    return Posting(
        key=f"suspense:{key}:assigned",
        kind=PostingKind.TRANSFER,
        account_id=house(region),
        region=region,
        at=now,
        entries=(Entry(Book.SUSPENSE, amount), Entry(cash, Fen(-amount))),
    )


def banked(*, region: str, key: str, amount: Fen, now: datetime) -> Posting:
    """Money of nobody that was found to be the counter's own cash, taken to the bank: it is in the till no more."""
    return Posting(
        key=f"suspense:{key}:banked",
        kind=PostingKind.TRANSFER,
        account_id=house(region),
        region=region,
        at=now,
        entries=(Entry(Book.SUSPENSE, amount), Entry(Book.CASH_COUNTER, Fen(-amount))),
    )


def late_fee(*, account: Account, bill_id: UUID, until: date, amount: Fen, now: datetime) -> Posting:
    """A late-payment penalty on a bill, for days before `until` that were not posted before."""
    moved = {Book.PENALTY: amount, Book.PENALTY_REVENUE: Fen(-amount)}
    return _moved(account, key=f"late_fee:{bill_id}:{until}", kind=PostingKind.LATE_FEE, moved=moved, now=now)


def waiver(*, account: Account, key: str, amount: Fen, now: datetime) -> Posting:
    """A penalty that is let off. key: what tells this waiver from every other."""
    moved = {Book.PENALTY_REVENUE: amount, Book.PENALTY: Fen(-amount)}
    return _moved(account, key=f"waiver:{key}", kind=PostingKind.WAIVER, moved=moved, now=now)


def penalty_taken_back(*, account: Account, key: str, let_off: Fen, to_prepaid: Fen, now: datetime) -> Posting:
    """A penalty that should not have been: not owed any more, and what had been paid of it is money paid ahead.

    key: why, and of which bill.
    """
    moved = {
        Book.PENALTY_REVENUE: Fen(let_off + to_prepaid),
        Book.PENALTY: Fen(-let_off),
        Book.PREPAID: Fen(-to_prepaid),
    }
    return _moved(account, key=f"waiver:{key}", kind=PostingKind.WAIVER, moved=moved, now=now)


def write_off(*, account: Account, key: str, principal: Fen, penalty: Fen, now: datetime) -> Posting:
    """What the supplier gives up of what an account owes. key: what tells this write-off from every other."""
    moved = {
        Book.WRITTEN_OFF: Fen(principal + penalty),
        Book.RECEIVABLE: Fen(-principal),
        Book.PENALTY: Fen(-penalty),
    }
    return _moved(account, key=f"write_off:{key}", kind=PostingKind.WRITE_OFF, moved=moved, now=now)


def _moved(account: Account, *, key: str, kind: PostingKind, moved: dict[Book, Fen], now: datetime) -> Posting:
    entries = tuple(Entry(book, amount) for book, amount in moved.items() if amount)
    return Posting(key=key, kind=kind, account_id=account.id, region=account.region, at=now, entries=entries)
