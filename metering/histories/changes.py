"""What changed on days that are over, for whoever closed them. Pure."""

from collections.abc import Mapping, Sequence

from gridhall.kit.quantity import from_scaled
from gridhall.metering.closings.model import ChangeKind, ClosedDayChange, Closing, closing_key_of
from gridhall.metering.histories.keys import channel_of, month_key_of, point_of
from gridhall.metering.histories.model import DayBucket, DayTotals, MonthChange
from gridhall.metering.histories.running import is_running


def over_days(changes: Sequence[MonthChange]) -> list[DayBucket]:
    """Return the changed days that were over when they changed; a day that still runs stands under no bill."""
    return [bucket for change in changes for bucket in change.buckets if not is_running(bucket)]


def closed_changes(
    changes: Sequence[MonthChange], over: Sequence[DayBucket], closings: Mapping[bytes, Closing]
) -> list[ClosedDayChange]:
    """Return what became of those of the days that are closed."""
    months = {change.key: change for change in changes}
    result = []
    for bucket in over:
        closing = closings.get(closing_key_of(bucket.key))
        if closing is None or bucket.day >= closing.until:
            continue
        change = months[month_key_of(bucket.key, bucket.day)]
        # Of a day that was marked as running until now the month knows only how it began.
        known = change.known if change.known and change.known.running != bucket.day.day else None
        before = known.days.get(bucket.day.day) if known else None
        result.append(
            ClosedDayChange(
                key=bucket.key,
                kind=ChangeKind.CURVE,
                point_id=point_of(bucket.key),
                channel=channel_of(bucket.key),
                day=bucket.day,
                revision=bucket.revision,
                at=bucket.as_of,
                before=_texts(before) if before else None,
                after=_texts(change.days[bucket.day.day]),
            )
        )
    return result


def _texts(totals: DayTotals) -> Mapping[str, str]:
    return {period: str(from_scaled(energy, scale=totals.scale)) for period, energy in totals.totals.items()}
