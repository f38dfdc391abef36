"""What changed of registers that were read before, for whoever closed the days between them. Pure."""

from collections.abc import Mapping

from gridhall.kit.quantity import from_scaled
from gridhall.metering.closings.model import ChangeKind, ClosedDayChange
from gridhall.metering.histories.keys import channel_of
from gridhall.metering.registers.model import RegisterDay

Done = Mapping[bytes, tuple[RegisterDay | None, RegisterDay | None]]
"""By key, a midnight as it was found and as it was written; None where there was none, or nothing to write."""


def closed_changes(done: Done) -> list[ClosedDayChange]:
    """Return the changes of midnights that had a read before: on a first one no bill can stand.

    A midnight that was found changed already is among them. It is a replay, whose first run may have been cut short
    before it told; what was told then is not told again.
    """
    changes = []
    for key, (found, written) in done.items():
        now = written or found
        if now is None or now.revision == 1:
            continue
        read = now.reads[0]
        changes.append(
            ClosedDayChange(
                key=key,
                kind=ChangeKind.REGISTER,
                point_id=read.point_id,
                channel=channel_of(key),
                day=read.day,
                revision=now.revision,
                at=now.as_of,
                before=_texts(found) if found and written else None,
                after=_texts(now),
            )
        )
    return changes


def _texts(day: RegisterDay) -> Mapping[str, str]:
    return {
        f"{read.meter} {name}": str(from_scaled(value, scale=read.scale))
        for read in day.reads
        for name, value in sorted(read.values.items())
    }
