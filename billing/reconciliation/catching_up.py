"""Which days are to be reconciled: yesterday, and what an outage of ours or of a provider left out before it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from gridhall.billing.payments.port import OnlineProvider, ProviderUnavailableError, StatementNotReadyError
from gridhall.billing.reconciliation.model import Reconciliation, reconciliation_id
from gridhall.billing.reconciliation.operations import Reconciling, reconcile
from gridhall.kit.localdays import local_day
from gridhall.kit.log import logger

DAYS_BACK: Final = 31
"""A day that is older is left to people; providers keep their statements for three months."""

_ONE_DAY: Final = timedelta(days=1)
_log = logger("billing.reconciliation")


async def reconcile_due(
    *, reconciling: Reconciling, providers: Iterable[OnlineProvider], now: datetime
) -> list[Reconciliation]:
    """Reconcile every finished day of each provider that was not, the oldest first; return what came of them.

    Days before the first that was ever reconciled are another system's: at first it is only yesterday. A statement
    that is not there yet is logged, and fetched by the next job.
    """
    today = local_day(now, reconciling.zone)
    days = [today - back * _ONE_DAY for back in range(DAYS_BACK, 0, -1)]
    found: list[Reconciliation] = []
    for provider in providers:
        known = await reconciling.reconciliations.known([reconciliation_id(provider.name, day) for day in days])
        done = [day for day in days if reconciliation_id(provider.name, day) in known]
        first = done[0] if done else days[-1]
        for day in (day for day in days if day >= first and day not in done):
            try:
                found.append(await reconcile(reconciling=reconciling, provider=provider, day=day, now=now))
            except (StatementNotReadyError, ProviderUnavailableError) as error:
                reason = str(error) or "not ready"
                _log.warning("a statement is not there yet", provider=provider.name, day=str(day), reason=reason)
    return found
