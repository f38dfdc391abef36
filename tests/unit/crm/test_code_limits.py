from datetime import UTC, datetime, timedelta

import pytest

from gridhall.crm.codes.model import Limits

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
LIMITS = Limits(life=timedelta(minutes=5), attempts=5, a_minute=1, an_hour=5, a_day=10)


def allowed(*minutes_ago: float) -> bool:
    return LIMITS.allow([NOW - timedelta(minutes=ago) for ago in minutes_ago], now=NOW)


@pytest.mark.parametrize(
    ("minutes_ago", "allows"),
    [
        ((), True),
        ((0.5,), False),
        ((1,), True),
        ((2, 4, 6, 8), True),
        ((2, 4, 6, 8, 59), False),
        ((2, 4, 6, 8, 60), True),
        (tuple(range(100, 1000, 100)), True),
        (tuple(range(100, 1100, 100)), False),
        ((*range(100, 1000, 100), 1440), True),
    ],
)
def test_one_a_minute_five_an_hour_and_ten_a_day(minutes_ago: tuple[float, ...], *, allows: bool) -> None:
    assert allowed(*minutes_ago) is allows
