"""Register reads (示数): what the counters of a meter showed at the beginning of a local day."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from gridhall.metering.registers.origin import REMOTE, Origin


@dataclass(frozen=True, slots=True)
class RegisterRead:
    """The counters of one meter at a local midnight, which is the opening of `day` and the closing of the day before.

    at: that midnight in UTC. values: register (`total` or a period code) to its count of 10**-scale as the meter
    shows it, before the multiplier (倍率) that the meter has at this point.
    closing: the meter hung here until that midnight and no longer; with a new meter there is an opening read too.
    origin: who read, how and when. versions: of the registers of which the sender said one, how often it has said
    their value anew; of two values of one origin the higher version holds, whichever came first.
    """

    point_id: UUID
    channel: str
    meter: str
    day: date
    at: datetime
    values: Mapping[str, int]
    scale: int
    quality: int
    multiplier: int = 1
    closing: bool = False
    origin: Origin = REMOTE
    versions: Mapping[str, int] = field(default_factory=dict)

    @property
    def version(self) -> int:
        """The highest version of any register, 0 where the sender said none."""
        return max(self.versions.values(), default=0)


@dataclass(frozen=True, slots=True)
class RegisterDay:
    """All reads of a channel of a point at one midnight: one document of `register_reads`.

    reads: the ones that stand, one a meter. beside: those that do not (see `standing`), of which nothing is dropped.
    """

    key: bytes
    revision: int
    reads: tuple[RegisterRead, ...]
    as_of: datetime
    beside: tuple[RegisterRead, ...] = ()
