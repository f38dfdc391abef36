"""A time in which a payment channel of ours took no money: nobody pays a penalty for a day that it touches."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from gridhall.kit.localdays import Days, local_day

ONLINE: Final = "online"
"""All online providers together: while one of them takes money, a customer can pay."""

CHANNELS: Final = (ONLINE, "counter", "bank")
"""Ways to pay, beside each online provider by itself."""

_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Outage:
    """A time in which a payment channel took no money. ended_at: None while it lasts. by: who noted it.

    A channel has one outage at a time; key: the channel and when it began.
    """

    channel: str
    began_at: datetime
    ended_at: datetime | None
    by: str
    note: str = ""

    @property
    def key(self) -> str:
        """What tells it from every other, in whichever zone its beginning is told."""
        return f"{self.channel}:{self.began_at.astimezone(UTC).isoformat()}"

    def lasts_at(self, at: datetime) -> bool:
        """Say whether an instant lies in it."""
        return self.began_at <= at and (self.ended_at is None or at < self.ended_at)

    def days(self, zone: str, *, until: date) -> Days:
        """Return the local days before `until` that it touched."""
        first = local_day(self.began_at, zone)
        last = local_day(self.ended_at, zone) + _ONE_DAY if self.ended_at else until
        return Days(first, max(first, min(last, until)))
