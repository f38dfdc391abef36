"""Noting what calls to providers come to, in the process that makes them."""

from datetime import datetime

from gridhall.billing.payments.watching.model import minute_of
from gridhall.billing.payments.watching.repository import MinuteRepository
from gridhall.kit.log import logger

_log = logger("billing.payments")


class Pulse:
    """Notes each outcome once a minute and process: a provider that is called a lot costs no more writes."""

    def __init__(self, minutes: MinuteRepository) -> None:
        self._minutes = minutes
        self._noted: set[tuple[datetime, str, bool]] = set()

    async def __call__(self, provider: str, *, answered: bool, at: datetime) -> None:
        """Note that a provider answered, or failed to. Where that cannot be noted, what it said still counts."""
        outcome = (minute_of(at), provider, answered)
        if outcome in self._noted:
            return
        try:
            await self._minutes.note(provider, answered=answered, at=at)
        except Exception:  # noqa: BLE001 - logged whole; raised, it would lose what a provider said of somebody's money
            _log.exception("whether a provider answered could not be noted", provider=provider)
            return
        self._noted = {one for one in self._noted if one[0] >= outcome[0]} | {outcome}
