"""What a household would have paid by every tariff that it may choose in its region."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Protocol
from uuid import UUID

from gridhall.billing.accounts.model import Account
from gridhall.billing.choices.model import Choices, NoChoices, Option, WhyNot
from gridhall.billing.choices.pricing import LEAST_COVERAGE, by_period, coverage_of, priced_year, whole_months
from gridhall.billing.tariffs import catalogue
from gridhall.billing.tariffs.households import Kinds, kinds_on
from gridhall.billing.tariffs.model import TariffVersion
from gridhall.kit.localdays import Days, Month
from gridhall.kit.money import Fen
from gridhall.metering.histories.by_calendar import MonthDivided, months_divided
from gridhall.metering.histories.queries import DayReader
from gridhall.metering.histories.ranges import overlap
from gridhall.metering.points.model import ServicePoint

_MONTHS: Final = 12


class PointReader(Protocol):
    """Where service points are read."""

    async def by_ids(self, ids: Collection[UUID]) -> Mapping[UUID, ServicePoint]:
        """Return those of the points that exist, by id."""


@dataclass(frozen=True, slots=True)
class History:
    """Where a household's past is read from."""

    points: PointReader
    histories: DayReader


async def choices_of(*, history: History, account: Account, today: date) -> Choices | NoChoices:
    """Compare the tariffs that an account may choose by its last twelve whole months.

    Those are the tariffs of its region for its kind of supply that are in force today, and each once more as a large
    household where the tariff offers something to one.
    """
    link = account.tariff_in(Days(today, today + timedelta(days=1)))
    if link is None:
        return NoChoices(WhyNot.NO_SINGLE_TARIFF)
    try:
        current = catalogue.version(link.code, on=today)
    except (catalogue.UnknownTariffError, catalogue.NoVersionInForceError):
        return NoChoices(WhyNot.NO_TARIFF_VERSION)
    months = [Month.of(today).shift(-back) for back in range(_MONTHS, 0, -1)]
    versions = [current, *others(current, on=today)]
    divided = await _divided(history, account, months, {one.calendar for one in versions})
    if divided is None:
        return NoChoices(WhyNot.NO_SERVICE_POINT)
    coverage = coverage_of(divided, current.calendar)
    if coverage < LEAST_COVERAGE:
        days = sum(len(month.days) for month in months)
        return NoChoices(WhyNot.FEW_READS, days=int(coverage * days), needed=int(LEAST_COVERAGE * days) + 1)
    fit = [one for one in versions if coverage_of(divided, one.calendar) >= LEAST_COVERAGE]
    kwh = whole_months(divided)
    options = [
        (version, kinds, applies, priced_year(version, kinds=kinds, months=months, used=used))
        for version in fit
        for used in [by_period(divided, kwh, version=version)]
        for kinds, applies in _households(version, account, today)
    ]
    paid = sum(options[0][3])
    return Choices(
        months=tuple(months),
        kwh=kwh,
        coverage=coverage,
        options=tuple(
            sorted(
                (
                    _option(version, kinds, costs, applies=applies, current=applies and version is current, paid=paid)
                    for version, kinds, applies, costs in options
                ),
                key=lambda option: (option.total, not option.current),
            )
        ),
        left_out=tuple(one for one in versions if one not in fit),
    )


def others(current: TariffVersion, *, on: date) -> Iterator[TariffVersion]:
    """Yield what is in force on a day of the other tariffs that whoever has `current` may choose."""
    own = catalogue.tariff(current.code)
    for code in catalogue.tariff_codes():
        other = catalogue.tariff(code)
        if other is not own and (other.region, other.supply) == (own.region, own.supply):
            yield from (version for version in other.versions if version.in_force(on))


def _households(version: TariffVersion, account: Account, today: date) -> Iterator[tuple[Kinds, bool]]:
    kinds = kinds_on(version, terms=account.terms, day=today)
    yield kinds, True
    if version.large is not None and "large" not in kinds:
        yield kinds | {"large"}, False


def _option(
    version: TariffVersion, kinds: Kinds, costs: tuple[Fen, ...], *, applies: bool, current: bool, paid: int
) -> Option:
    total = Fen(sum(costs))
    return Option(
        version=version,
        kinds=kinds,
        applies=applies,
        current=current,
        months=costs,
        total=total,
        saving=Fen(paid - total),
    )


async def _divided(
    history: History, account: Account, months: Sequence[Month], calendars: Collection[str]
) -> list[MonthDivided] | None:
    """Return the months of all points that the account pays for; None where it has none."""
    span = Days(months[0].first, months[-1].shift(1).first)
    held = {link.point_id: Days(link.from_day, link.to_day or date.max) for link in account.points}
    held = {id_: days for id_, days in held.items() if len(overlap(span, days))}
    points = await history.points.by_ids(list(held))
    if not points:
        return None
    return await months_divided(
        points={point.id: held[point.id] for point in points.values()},
        months=months,
        calendars=calendars,
        histories=history.histories,
    )
