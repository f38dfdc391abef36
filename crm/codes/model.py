"""One-time codes: six digits that prove that somebody holds a phone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID


class Purpose(StrEnum):
    """What a code is for; a code for one thing proves no other."""

    SIGN_IN = "sign_in"
    BIND = "bind"


@dataclass(frozen=True, slots=True)
class Code:
    """A code that was sent.

    about: what it is asked for, as text: the customer and account of a binding; empty for signing in.
    """

    id: UUID
    purpose: Purpose
    phone: str
    about: str
    digits: str
    asked_at: datetime
    expires_at: datetime
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """How long codes live and how often they may be asked for; from the settings.

    Source of the defaults: what the SMS gateways allow a number (1 a minute, 5 an hour, 10 a day).
    """

    life: timedelta
    attempts: int
    a_minute: int
    an_hour: int
    a_day: int

    def allow(self, asked: list[datetime], *, now: datetime) -> bool:
        """Say whether one more code may be sent to a number that was sent codes at these instants."""
        return all(
            sum(now - one < window for one in asked) < most
            for window, most in (
                (timedelta(minutes=1), self.a_minute),
                (timedelta(hours=1), self.an_hour),
                (timedelta(days=1), self.a_day),
            )
        )
