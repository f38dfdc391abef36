"""What a load analysis, a projection and a forecast cost in CPU; `backtest` tells how good the projection is."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from bench.measuring import Measured, measured
from gridhall.billing.forecasts.bill import UsedSoFar, forecast_bill
from gridhall.billing.tariffs import catalogue
from gridhall.kit.localdays import Days, Month
from gridhall.metering.histories.series import IntervalSeries
from gridhall.metering.load.analysis import analyse
from gridhall.metering.load.expectation import Expectation, expect
from gridhall.metering.load.projection import project

_ZONE = "Asia/Shanghai"
_TODAY = date(2026, 10, 15)


def run() -> list[Measured]:
    """Analyse 31 days of quarters; project a month from two years of days; price it."""
    curve, used = _curve(), {_TODAY - timedelta(days=back): 7000 + 37 * back % 4000 for back in range(1, 430)}
    expectation = expect(used, today=_TODAY, zone=_ZONE)
    if not isinstance(expectation, Expectation):
        raise TypeError("two years of days are enough to expect something of")
    days = Month.of(_TODAY).days
    version = catalogue.version("zhejiang-residential-tou", on=days.start)
    projection = project(expectation, used=used, days=days, scale=3)
    shares = {"peak": Decimal("0.6"), "valley": Decimal("0.4")}
    measured_kwh = {period: share * projection.measured for period, share in shares.items()}
    so_far = UsedSoFar(before=Decimal(2627), measured=measured_kwh, shares=shares)
    return [
        measured("analyse a month of quarters", lambda: analyse(curve, zone=_ZONE)),
        measured("expect and project a month", lambda: _projected(used, days)),
        measured(
            "price a projected month",
            lambda: forecast_bill(projection, so_far=so_far, version=version, on_month=Month.of(_TODAY)),
        ),
    ]


def _projected(used: dict[date, int], days: Days) -> object:
    expectation = expect(used, today=_TODAY, zone=_ZONE)
    return project(expectation, used=used, days=days, scale=3) if isinstance(expectation, Expectation) else None


def _curve() -> IntervalSeries:
    days = tuple(Month(2026, 10).days)
    slots = 96 * len(days)
    values = tuple(25 + (index * 7919) % 200 for index in range(slots))
    return IntervalSeries(
        channel="import-kwh",
        start=datetime(2026, 9, 30, 16, tzinfo=UTC),
        minutes=15,
        scale=3,
        values=values,
        quality=(0,) * slots,
        periods=((1,) * 32 + (0,) * 56 + (1,) * 8) * len(days),
        period_codes=("peak", "valley"),
        days=days,
        first_slots=tuple(96 * index for index in range(len(days))),
        present=slots,
        expected=slots,
        as_of=None,
    )
