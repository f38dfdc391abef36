"""Suspicions and cases of irregular use."""

from datetime import UTC, date, datetime
from uuid import UUID

from gridhall.kit.localdays import Days
from gridhall.metering.irregular.cases.gathering import gathered
from gridhall.metering.irregular.cases.model import Case
from gridhall.metering.irregular.model import Evidence, Suspicion, Watch
from gridhall.metering.points.model import ServicePoint

NOW = datetime(2026, 11, 1, 20, tzinfo=UTC)
TODAY = date(2026, 11, 2)
WATCH = Watch(
    thresholds={"residential": 0.7},
    window_days=84,
    least_added=0.5,
    quiet_days=180,
    due_days=14,
    second_person=True,
)


def a_point(number: int = 1, **changes: object) -> ServicePoint:
    """A home of Zhejiang behind transformer T001."""
    fields: dict[str, object] = {"supply_class": "residential", "district": "T001"} | changes
    return ServicePoint(UUID(int=number), "zhejiang", "grid/hangzhou", "Asia/Shanghai", "zhejiang-tou", **fields)  # type: ignore[arg-type]


def evidence(signal: str, added: float, *, on: date = date(2026, 11, 1), percent: float = 60.0) -> Evidence:
    """What a signal found, last seen on a day."""
    numbers = {"before": 8.0, "after": 3.2, "percent": percent}
    return Evidence(signal, added, numbers, since=date(2026, 10, 1), first_seen=on, last_seen=on)


def a_suspicion(
    *found: Evidence, score: float = 0.9, today: date = TODAY, point: ServicePoint | None = None
) -> Suspicion:
    """A suspicion of the scan of a day."""
    days = Days(date.fromordinal(today.toordinal() - 84), today)
    return Suspicion(point or a_point(), score, found or (evidence("step", 8.0),), days)


def a_case(*found: Evidence, point: ServicePoint | None = None, now: datetime = NOW) -> Case:
    """A case as a scan opens it."""
    case = gathered(a_suspicion(*found, point=point), case=None, quiet=(), watch=WATCH, now=now)
    assert case is not None
    return case
