"""The ledger as it lies in the database, added up without the room's own queries."""

from collections import Counter
from dataclasses import dataclass

from gridhall.api.state import State
from gridhall.billing.ledger.model import Book
from gridhall.kit.mongo import Mongo

_OWED = frozenset({Book.RECEIVABLE, Book.PENALTY})


@dataclass(frozen=True, slots=True)
class Books:
    """postings: how many of each kind. total: the sum of all entries, in fen. cash: what came in, in fen.

    unbalanced: accounts whose balance is not the sum of their entries.
    """

    postings: Counter[str]
    total: int
    cash: int
    unbalanced: int


async def read_books(state: State) -> Books:
    """Read every posting and every account."""
    postings: Counter[str] = Counter()
    owed: Counter[object] = Counter()
    prepaid: Counter[object] = Counter()
    total = cash = 0
    mongo: Mongo = state.mongo
    async for posting in mongo["postings"].find():
        postings[posting["kind"]] += 1
        for entry in posting["entries"]:
            total += entry["fen"]
            cash += entry["fen"] if entry["book"].startswith("cash.") else 0
            owed[posting["account_id"]] += entry["fen"] if entry["book"] in _OWED else 0
            prepaid[posting["account_id"]] -= entry["fen"] if entry["book"] == Book.PREPAID else 0
    ids = [document["_id"] async for document in mongo["accounts"].find({}, {"_id": 1})]
    kept = await state.hall.billing.accounts.load(ids)
    unbalanced = sum(
        (account.balance.owed, account.balance.prepaid) != (owed[account.id], prepaid[account.id])
        for account in kept.values()
    )
    return Books(postings, total, cash, unbalanced)
