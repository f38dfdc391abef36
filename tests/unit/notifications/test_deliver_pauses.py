from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gridhall.notifications.sending.deliver import FIRST_PAUSE, LONGEST_PAUSE, MOST_ATTEMPTS, next_attempt

NOW = datetime(2026, 11, 3, tzinfo=UTC)


@given(st.integers(1, MOST_ATTEMPTS))
def test_the_next_attempt_is_later_but_never_by_more_than_two_hours(attempts: int) -> None:
    pause = next_attempt(attempts, now=NOW) - NOW
    assert timedelta(0) <= pause <= min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempts - 1))


def test_deliveries_that_failed_together_do_not_come_back_together() -> None:
    assert len({next_attempt(5, now=NOW) for _ in range(50)}) > 40
