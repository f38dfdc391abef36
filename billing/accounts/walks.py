"""A walk over all accounts of a region, for work that looks at each of them."""

from collections.abc import AsyncIterator, Sequence

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.accounts.repository import AccountRepository


async def chunks(*, accounts: AccountRepository, region: str, size: int = 200) -> AsyncIterator[Sequence[AccountId]]:
    """Yield the account ids of a region in order, `size` at a time."""
    after: AccountId | None = None
    while ids := await accounts.ids_of_region(region=region, after=after, limit=size):
        yield ids
        after = ids[-1]
