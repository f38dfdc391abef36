"""What is asked at the moment of sending: whether this is the hour, and whether it is still true."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from gridhall.notifications.catalogue import Notification, Registry, Urgency, Way
from gridhall.notifications.ledger.model import Notice

_ONE_DAY: Final = timedelta(days=1)
_RINGING: Final = frozenset({Way.WECHAT, Way.SMS})
"""A mail waits silently; these make a phone ring."""


@dataclass(frozen=True, slots=True)
class Go:
    """Send it; in the place of what was written when it happened, say `fresh`, where that is given."""

    fresh: Notification | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """Not before an instant, for a reason."""

    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Drop:
    """Not at all, for a reason: it is not true any more."""

    reason: str


Decision = Go | Later | Drop


class Check(Protocol):
    """Says whether what a notice tells is still true."""

    async def ask(self, notice: Notice, *, now: datetime) -> Decision:
        """Look at the present state of what the notice is about."""


@dataclass(frozen=True, slots=True)
class QuietHours:
    """The hours of the night, local, in which nothing that is not urgent makes a phone ring."""

    start: time
    end: time
    zone: str

    @classmethod
    def parse(cls, text: str, *, zone: str) -> "QuietHours | None":
        """Read `21:00-08:00`; an empty text means none. Raises ValueError that says what is allowed."""
        if not text:
            return None
        try:
            start, end = (time.fromisoformat(part) for part in text.split("-"))
        except ValueError:
            raise ValueError(f"quiet hours: {text!r} is not like 21:00-08:00") from None
        return cls(start, end, zone)

    def end_of(self, now: datetime) -> datetime | None:
        """Return when the quiet hours end in which `now` falls, or None where it falls in none."""
        local = now.astimezone(ZoneInfo(self.zone))
        clock = local.time()
        overnight = self.start > self.end
        quiet = (clock >= self.start or clock < self.end) if overnight else self.start <= clock < self.end
        if not quiet:
            return None
        day = local.date() + (_ONE_DAY if overnight and clock >= self.start else timedelta())
        return datetime.combine(day, self.end, ZoneInfo(self.zone)).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Gates:
    """The quiet hours, and a check for each kind of notice that can become untrue."""

    quiet: QuietHours | None
    checks: Mapping[str, Check]

    async def ask(self, notice: Notice, way: Way, *, now: datetime) -> Decision:
        """Decide about one attempt. What is untrue is dropped even at night."""
        check = self.checks.get(notice.kind)
        decision = await check.ask(notice, now=now) if check else Go()
        if not isinstance(decision, Go):
            return decision
        urgent = Registry.keyed(notice.kind).urgency is Urgency.URGENT
        until = self.quiet.end_of(now) if self.quiet and way in _RINGING and not urgent else None
        return Later(until, "quiet-hours") if until else decision
