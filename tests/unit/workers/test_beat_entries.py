"""What beat starts."""

import pytest

from gridhall.workers import names
from gridhall.workers.schedule import BEAT


@pytest.mark.parametrize("entry", BEAT.values(), ids=list(BEAT))
def test_every_entry_is_a_known_job_that_expires(entry: dict[str, object]) -> None:
    assert entry["task"] in names.QUEUES
    assert isinstance(entry["options"], dict)
    assert entry["options"]["expires"] > 0
