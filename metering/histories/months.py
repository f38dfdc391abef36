"""Months and heads follow the days: they are brought up to date after the days were written.

Not at every reading, though: a day that still runs is entered when it begins and again when it is over, and in
between its month is marked, so that whoever reads the month looks into the day itself (see `running`). A stream that
brings every meter's quarter of an hour then writes one document a reading and not three.

Days, months and heads are three collections and a crash may come between them. Nothing is lost by it, because what
lags behind is found by comparing revisions and not by remembering what was about to be done: a month keeps of each
day the revision it took, a head keeps of each month the revision it was raised for. A replay of the same rows comes
by here with the days it found unchanged, sees the older revision and finishes the work. What changed on days that a
bill stands on is told before their month is written, so that a crash in between leaves it to be found and told.
"""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from itertools import count
from uuid import UUID

from gridhall.metering.closings.model import closing_key_of
from gridhall.metering.histories.changes import closed_changes, over_days
from gridhall.metering.histories.documents import told_name
from gridhall.metering.histories.keys import month_key_of, point_of
from gridhall.metering.histories.model import DayBucket, HeadChange, MonthChange, MonthOfDays
from gridhall.metering.histories.repository import HistoryRepository
from gridhall.metering.histories.running import marked, unmarked
from gridhall.metering.histories.totals import totals_of
from gridhall.metering.retry import take_turn


async def settle(*, buckets: Sequence[DayBucket], histories: HistoryRepository) -> None:
    """Bring the months and heads of these days, as they are kept now, up to them. Writes only what lags behind.

    Raises ContendedError where other writers were faster every time.
    """
    waiting = _by_month(buckets)
    revisions: dict[bytes, int] = {}
    written: set[bytes] = set()
    numbers = {bucket.day.day for bucket in buckets}
    for attempt in count():
        await take_turn(attempt, of="usage_months")
        known = await histories.months_as_kept(waiting, days=numbers)
        for day in (await histories.days(unmarked(known, waiting))).values():
            waiting[month_key_of(day.key, day.day)].append(day)
        changes = [change for key, days in waiting.items() if (change := _lagging(key, known.get(key), days))]
        await _tell_closed(changes, histories)
        late = await histories.put_months(changes)
        revisions |= {key: month.revision for key, month in known.items()}
        revisions |= {change.key: change.known.revision + 1 if change.known else 1 for change in changes}
        written |= {change.key for change in changes} - late
        waiting = {key: waiting[key] for key in late}
        if not waiting:
            break
    await _raise_heads(_by_month(buckets), revisions, histories, written=written)


async def _tell_closed(changes: Sequence[MonthChange], histories: HistoryRepository) -> None:
    """Tell of the changed days that are closed; it takes no round trip while none of the days is over."""
    over = over_days(changes)
    if over:
        since, keys = min(bucket.day for bucket in over), {closing_key_of(bucket.key) for bucket in over}
        closings = await histories.closings.of(keys, since=since)
        await histories.closings.tell(closed_changes(changes, over, closings) if closings else [])


def _by_month(buckets: Iterable[DayBucket]) -> dict[bytes, list[DayBucket]]:
    months: dict[bytes, list[DayBucket]] = {}
    for bucket in buckets:
        months.setdefault(month_key_of(bucket.key, bucket.day), []).append(bucket)
    return months


def _lagging(key: bytes, known: MonthOfDays | None, buckets: Sequence[DayBucket]) -> MonthChange | None:
    """Return the days whose totals in the month are older than the days themselves, None where there are none."""
    kept = known.days if known else {}
    newer = [
        bucket for bucket in buckets if (day := kept.get(bucket.day.day)) is None or day.revision < bucket.revision
    ]
    if not newer:
        return None
    return MonthChange(
        key=key,
        known=known,
        days={bucket.day.day: totals_of(bucket) for bucket in newer},
        running=marked(known, newer),
        newest=max(newer, key=_age),
        buckets=newer,
    )


async def _raise_heads(
    months: dict[bytes, list[DayBucket]],
    revisions: dict[bytes, int],
    histories: HistoryRepository,
    *,
    written: AbstractSet[bytes],
) -> None:
    """Raise the heads of months that were written just now, and of others whose head was not told of them before."""
    unchanged = {point_of(key) for key in months.keys() - written}
    heads = await histories.heads(unchanged) if unchanged else {}
    told: dict[UUID, dict[str, int]] = {}
    changed: dict[UUID, list[DayBucket]] = {}
    for key, buckets in months.items():
        point, name = point_of(key), told_name(key)
        head = heads.get(point)
        if key in written or head is None or head.told.get(name, 0) < revisions[key]:
            told.setdefault(point, {})[name] = revisions[key]
            changed.setdefault(point, []).extend(buckets)
    await histories.raise_heads(
        [
            HeadChange(
                point_id=point,
                newest=max(buckets, key=_age),
                last_day=max(bucket.day for bucket in buckets),
                told=told[point],
            )
            for point, buckets in changed.items()
        ]
    )


def _age(bucket: DayBucket) -> tuple[datetime, date]:
    return bucket.as_of, bucket.day
