"""Bill runs: every account of a region, a month at a time, in chunks that may be repeated."""

from collections.abc import AsyncIterator, Sequence

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.accounts.repository import AccountRepository

CHUNK = 200
"""Accounts a transaction. Larger chunks win little and hold their write locks longer."""


async def chunks(*, accounts: AccountRepository, region: str) -> AsyncIterator[Sequence[AccountId]]:
    """Yield the account ids of a region in chunks."""
    after: AccountId | None = None
    while ids := await accounts.ids_of_region(region=region, after=after, limit=CHUNK):
        yield ids
        after = ids[-1]
