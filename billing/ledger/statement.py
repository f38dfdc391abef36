"""The statement of an account: what moved, and where it stood after."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from gridhall.billing.accounts.model import AccountId, Balance
from gridhall.billing.ledger.checking import balance_of
from gridhall.billing.ledger.model import Posting, effect
from gridhall.billing.ledger.repository import LedgerRepository
from gridhall.kit.keyset import Before
from gridhall.kit.money import Fen


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A posting, by how much it changed what is owed and prepaid, and both figures after it."""

    posting: Posting
    change: Balance
    after: Balance


async def statement(
    *, ledger: LedgerRepository, account_id: AccountId, before: Before | None, limit: int
) -> list[StatementLine]:
    """Return an account's postings, newest first, those before a place, each with the balance after it.

    Entries are never changed, so a page read later shows the same figures.
    """
    found = await ledger.page(account_id, before=before, limit=limit)
    if not found:
        return []
    oldest = found[-1]
    start = balance_of(await ledger.sums(account_id, before=(oldest.at, oldest.key)))
    return lines(found, start=start)


def lines(newest_first: Sequence[Posting], *, start: Balance) -> list[StatementLine]:
    """Return postings as lines, newest first too. start: the balance before the oldest of them."""
    oldest_first = newest_first[::-1]
    changes = [effect([posting])[posting.account_id] for posting in oldest_first]
    balances = list(accumulate(changes, _add, initial=start))[1:]
    made = [StatementLine(*row) for row in zip(oldest_first, changes, balances, strict=True)]
    return made[::-1]


def _add(one: Balance, other: Balance) -> Balance:
    return Balance(owed=Fen(one.owed + other.owed), prepaid=Fen(one.prepaid + other.prepaid))
