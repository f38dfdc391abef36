"""Whether every balance is what the entries say: walked account by account, region by region."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gridhall.billing.accounts.model import Account, AccountId, Balance
from gridhall.billing.accounts.repository import AccountRepository
from gridhall.billing.accounts.walks import chunks
from gridhall.billing.ledger.model import Book
from gridhall.billing.ledger.repository import LedgerRepository
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Mongo, Transaction

CHECKED_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Differs:
    """An account whose balance is not what its entries sum to. off: what all its books sum to, which must be zero."""

    account_id: AccountId
    number: str
    balance: Balance
    entries: Balance
    off: Fen


@dataclass(frozen=True, slots=True)
class Checked:
    """A page of the walk: how many accounts were looked at, and those that differ."""

    accounts: int
    differing: tuple[Differs, ...]


async def check(
    *, mongo: Mongo, ledger: LedgerRepository, accounts: AccountRepository, region: str
) -> AsyncIterator[Checked]:
    """Compare the balances of a region's accounts with their entries, a page at a time.

    Money moves meanwhile. So what differs at first sight is read again in one transaction, whose reads are all of one
    instant, and is told only if it differs there too.
    """
    async for ids in chunks(accounts=accounts, region=region, size=CHECKED_AT_ONCE):
        suspects = _compare((await accounts.load(ids)).values(), await ledger.sums_of(ids))
        sure: Sequence[Differs] = ()
        if suspects:

            async def again(
                transaction: Transaction, ids: Sequence[AccountId] = [one.account_id for one in suspects]
            ) -> Sequence[Differs]:
                found = await accounts.load(ids, transaction=transaction)
                return _compare(found.values(), await ledger.sums_of(ids, transaction=transaction))

            sure = await mongo.transact(again)
        yield Checked(len(ids), tuple(sure))


def balance_of(sums: Mapping[Book, Fen]) -> Balance:
    """Return the balance that the sums of an account's books amount to."""
    owed = sums.get(Book.RECEIVABLE, 0) + sums.get(Book.PENALTY, 0)
    return Balance(owed=Fen(owed), prepaid=Fen(-sums.get(Book.PREPAID, 0)))


def _compare(found: Iterable[Account], sums: Mapping[AccountId, Mapping[Book, Fen]]) -> list[Differs]:
    differing = []
    for account in found:
        books = sums.get(account.id, {})
        entries, off = balance_of(books), Fen(sum(books.values()))
        if entries != account.balance or off:
            differing.append(Differs(account.id, account.number, account.balance, entries, off))
    return differing
