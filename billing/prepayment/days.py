"""A region's day of prepayment, page by page: reckoned, warned, and proposed where it may be."""

from datetime import datetime
from typing import Final

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.prepayment.cutting import propose
from gridhall.billing.prepayment.room import Prepaying
from gridhall.billing.prepayment.watching import AT_ONCE, Watched, watch

AGAIN: Final = 3
"""How often a page is reckoned anew for accounts whose money moved meanwhile; the next day has the rest."""


async def run_page(*, prepaying: Prepaying, region: str, after: AccountId | None, now: datetime) -> Watched:
    """Do a page of a region's accounts. Idempotent: the same readings give the same, and are told once."""
    ids = await prepaying.following.accounts.prepaid_ids(region=region, after=after, limit=AT_ONCE)
    found = await watch(prepaying=prepaying, account_ids=ids, now=now)
    crossed = found.crossed
    for _ in range(AGAIN):
        if not found.moved:
            break
        found = await watch(prepaying=prepaying, account_ids=ids, now=now)
        crossed += found.crossed
    proposed = await propose(prepaying=prepaying, account_ids=ids, now=now)
    return Watched(len(ids), crossed, found.moved, ids[-1] if len(ids) == AT_ONCE else None, proposed)
