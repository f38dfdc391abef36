"""Posting to the ledger: the entries and the balances that follow from them, together or not at all."""

from collections.abc import Sequence

from gridhall.billing.accounts.repository import AccountRepository
from gridhall.billing.ledger.model import Posting, effect
from gridhall.billing.ledger.repository import LedgerRepository
from gridhall.kit.mongo import Transaction


async def post(
    *, postings: Sequence[Posting], ledger: LedgerRepository, accounts: AccountRepository, transaction: Transaction
) -> None:
    """Append postings and change the balances of their accounts by what they move.

    Not idempotent by itself: a key that exists makes the whole transaction fail, so that nothing counts twice.
    """
    await ledger.append(postings, transaction=transaction)
    await accounts.change_balances(effect(postings), transaction=transaction)
