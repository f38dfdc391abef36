"""What changed on days that are over, for whoever closed them. Pure."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from gridhall.kit.localdays import day_start
from gridhall.kit.quantity import from_scaled
from gridhall.metering.closings.model import ChangeKind, ClosedDayChange
from gridhall.metering.histories.keys import channel_of, month_key_of, point_of
from gridhall.metering.histories.model import DayBucket, DayTotals, MonthChange

_ONE_DAY = timedelta(days=1)


def closed_changes(changes: Sequence[MonthChange], buckets: Sequence[DayBucket]) -> list[ClosedDayChange]:
    """Return what becomes of days that were over when they changed; a day that still runs stands under no bill."""
    if not changes:
        return []
    over = {(bucket.key, bucket.revision): bucket for bucket in buckets if _is_over(bucket)}
    if not over:
        return []
    months = {change.key: change for change in changes}
    result = []
    for bucket in over.values():
        change = months.get(month_key_of(bucket.key, bucket.day))
        after = change.days.get(bucket.day.day) if change else None
        if change is None or after is None or after.revision != bucket.revision:
            continue
        before = change.known.days.get(bucket.day.day) if change.known else None
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
                after=_texts(after),
            )
        )
    return result


def _is_over(bucket: DayBucket) -> bool:
    return bucket.as_of >= day_start(bucket.day + _ONE_DAY, bucket.zone)


def _texts(totals: DayTotals) -> Mapping[str, str]:
    return {period: str(from_scaled(energy, scale=totals.scale)) for period, energy in totals.totals.items()}
