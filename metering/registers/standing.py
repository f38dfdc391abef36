"""Which of several reads of one meter stands for a midnight. Pure, and the same in whatever order they came.

1. What was measured stands before any estimate.
2. The read of a meter exchange stands before all others: with it nothing of either meter is lost or billed twice.
3. The meter's own frozen value of that midnight stands before a person's, unless it is flagged as questionable.
4. A reader's read stands before a customer's, and both before a flagged one.
5. Among readers' reads: the one that answers the later re-read (补抄); then the one of the person whom the list was
   given to; then the one that was taken later; then, so that every machine decides alike, the one of the greater id.

The reads that do not stand are kept beside the one that does.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from gridhall.metering.quality import ESTIMATES, Quality
from gridhall.metering.registers.model import RegisterRead
from gridhall.metering.registers.origin import How, Origin

_BEFORE_ALL: Final = datetime.min.replace(tzinfo=UTC)
_NO_ID: Final = UUID(int=0)
_WAYS: Final = {How.EXCHANGE: 4, How.REMOTE: 3, How.READER: 2, How.CUSTOMER: 1}


def standing(reads: Iterable[RegisterRead]) -> RegisterRead:
    """Return the read that stands; of one meter and midnight, at least one."""
    return max(reads, key=_rank)


def by_time_and_person(origin: Origin) -> tuple[int, bool, datetime, int]:
    """Return the rank of a person's read among others of the same point and day (rule 5)."""
    return (origin.asked, origin.assigned, origin.taken_at or _BEFORE_ALL, (origin.id or _NO_ID).int)


def _rank(read: RegisterRead) -> tuple[bool, int, tuple[int, bool, datetime, int]]:
    flagged = read.origin.how is How.REMOTE and read.quality == Quality.QUESTIONABLE
    way = 0 if flagged else _WAYS[read.origin.how]
    return (read.quality not in ESTIMATES, way, by_time_and_person(read.origin))
