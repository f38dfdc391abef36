"""What calls to providers come to is noted beside them; it never decides what they came to."""

from datetime import UTC, datetime
from typing import cast

import pytest

from gridhall.billing.payments.calls import noting
from gridhall.billing.payments.port import ProviderUnavailableError
from gridhall.billing.payments.watching.noting import Pulse
from gridhall.billing.payments.watching.repository import MinuteRepository
from gridhall.kit.clock import SystemClock


class Minutes:
    """A database that is away at first, and how often it was written to."""

    def __init__(self) -> None:
        self.away = True
        self.asked = 0

    async def note(self, provider: str, *, answered: bool, at: datetime) -> None:
        del provider, answered, at
        self.asked += 1
        if self.away:
            raise ConnectionError


async def test_an_answer_stays_one_where_it_cannot_be_noted_and_a_silence_stays_one() -> None:
    minutes = Minutes()
    pulse, clock = Pulse(cast("MinuteRepository", minutes)), SystemClock()
    async with noting(pulse, "alipay", clock=clock):
        answer = "paid"
    with pytest.raises(ProviderUnavailableError, match="silent"):
        async with noting(pulse, "alipay", clock=clock):
            raise ProviderUnavailableError("silent")
    assert (answer, minutes.asked) == ("paid", 2)


async def test_what_could_not_be_noted_is_noted_by_the_next_call_of_its_minute_and_once() -> None:
    minutes = Minutes()
    pulse, at = Pulse(cast("MinuteRepository", minutes)), datetime(2026, 10, 3, 8, tzinfo=UTC)
    await pulse("alipay", answered=True, at=at)
    minutes.away = False
    for _ in range(3):
        await pulse("alipay", answered=True, at=at)
    assert minutes.asked == 2
