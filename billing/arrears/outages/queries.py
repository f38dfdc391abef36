"""On which days a payment channel was down."""

from gridhall.billing.arrears.outages.repository import OutageRepository
from gridhall.kit.localdays import Days, day_start
from gridhall.kit.mongo import Transaction


async def days_down(
    *, outages: OutageRepository, days: Days, zone: str, transaction: Transaction | None = None
) -> list[Days]:
    """Return the local days of a range on which a payment channel was down at any time."""
    if not len(days):
        return []
    found = await outages.touching(
        since=day_start(days.start, zone), until=day_start(days.end, zone), transaction=transaction
    )
    return [outage.days(zone, until=days.end) for outage in found]
