"""Telling of a projected bill above the customer's limit: once a period, however often it is looked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal
from uuid import UUID, uuid5

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.accounts.repository import AccountRepository
from gridhall.billing.forecasts.model import Forecast
from gridhall.billing.forecasts.queries import Outlooks, forecast_for
from gridhall.billing.forecasts.repository import BillAlertRepository
from gridhall.kit.money import Fen
from gridhall.kit.outbox import Event, Outbox
from gridhall.kit.subject import Refusal

KIND: Final = "billing.projected_bill_high"
LEAST: Final = Fen(1_00)
MOST: Final = Fen(1_000_000_00)
PAGE: Final = 100
_NAMESPACE: Final = UUID("0c9a3b0e-59a5-5d0e-9f3a-6d1b2c7f4e21")


@dataclass(frozen=True, slots=True)
class BillAlerts:
    """What looking for high projected bills needs at hand."""

    alerts: BillAlertRepository
    accounts: AccountRepository
    outlooks: Outlooks
    outbox: Outbox


def may_be_limit(limit: Fen) -> Literal[True] | Refusal:
    """A limit is 1 yuan to a million."""
    allowed = LEAST <= limit <= MOST
    return True if allowed else Refusal("forecast.bad_limit", {"least": LEAST, "most": MOST})


async def look(
    *, room: BillAlerts, region: str, after: AccountId | None, today: date, now: datetime
) -> AccountId | None:
    """Look at a page of a region's alerts; return the last account of it, None where there is no further one.

    Raises a `billing.projected_bill_high` event for each account whose projected bill is likely to be above its
    limit. Idempotent: the event of an account and period is always the same one.
    """
    page = await room.alerts.page(region=region, after=after, limit=PAGE)
    accounts = await room.accounts.load([account_id for account_id, _ in page])
    events: list[Event] = []
    for account_id, limit in page:
        if account_id in accounts:
            found = await forecast_for(outlooks=room.outlooks, account=accounts[account_id], today=today)
            events += _told(account_id, limit, found, now) if isinstance(found, Forecast) else []
    await room.outbox.add_once(events)
    return page[-1][0] if len(page) == PAGE else None


def _told(account_id: AccountId, limit: Fen, found: Forecast, now: datetime) -> Sequence[Event]:
    bill = found.bill
    if bill is None or bill.likely <= limit:
        return ()
    payload = {"month": str(bill.month), "limit": limit, "likely": bill.likely, "low": bill.low, "high": bill.high}
    id_ = uuid5(_NAMESPACE, f"{account_id}:{bill.month}")
    return (Event(kind=KIND, about=account_id, at=now, payload=payload, id=id_),)
