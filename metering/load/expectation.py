"""What a home can be expected to use on a coming day, and how far that is likely to be off. Pure and explainable.

A working day is expected to be like the working days of the last four weeks, a day of last week counting twice as
much as one of the week before; likewise a day off. Where last year is known, half of what it did then is expected of
this year. How far that may be off is not assumed but tried: the same rule is put to each week of the last eight, and
the range is the miss that four weeks of five stayed within. Figures on real homes: docs/load.md.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from gridhall.kit.localdays import Days
from gridhall.metering.load.days import is_day_off
from gridhall.metering.load.model import Reason, TooLittle
from gridhall.metering.load.years import a_year_before

LEARNT: Final = 28
"""Days that the level is learnt from: four of each weekday."""

TRIED: Final = 56
LEAST_HISTORY: Final = 28
"""Whole days of the last eight weeks that it takes."""

STAYED_WITHIN: Final = 0.8
DRIFT_A_WEEK: Final = 0.02
"""How much further off, as a share, each week ahead may be: tuned on half of 622 real homes, tried on the others."""

_HALF_LIFE: Final = 7
_WEEK: Final = 7
_LEAST_OF_WEEK: Final = 5
_FIRST_TRY: Final = 14
_LARGEST_MISS: Final = 3.0
_SEASON_DAYS: Final = 7
_LEAST_OF_SEASON: Final = 0.8
_SEASON_SHARE: Final = 0.5
_SEASON_LIMITS: Final = (0.5, 2.0)
_ONE_DAY: Final = timedelta(days=1)

Used = Mapping[date, int]
"""Energy of whole days, in counts of one scale."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What may be expected of a home from `today` on, in counts a day.

    miss: how far off a week was, as the logarithm of the ratio that four of five stayed within. tries: how many weeks
    were tried. season: ratio to the present level that last year's shape asks of a day.
    """

    today: date
    working: float
    off: float
    miss: float
    tries: int
    zone: str
    season: Callable[[date], float]

    def of(self, day: date) -> float:
        """Return the energy expected of a day."""
        return (self.off if is_day_off(day, zone=self.zone) else self.working) * self.season(day)

    def spread(self, last: date) -> float:
        """Return the ratio by which what is used until `last`, included, may lie above or below what is expected."""
        weeks = ((last - self.today).days + 1) / _WEEK
        return math.exp(min(math.hypot(self.miss, DRIFT_A_WEEK * weeks), _LARGEST_MISS))


def expect(used: Used, *, today: date, zone: str) -> Expectation | TooLittle:
    """Return what to expect from `today` on of a home that used so much on the days before.

    used: whole days only; days of last year among them give the season. Nothing of `today` or later is looked at.
    """
    recent = {day: used[day] for day in Days(today - TRIED * _ONE_DAY, today) if day in used}
    if not recent:
        return TooLittle(Reason.NOTHING_MEASURED, needed=LEAST_HISTORY)
    if len(recent) < LEAST_HISTORY:
        return TooLittle(Reason.FEW_WHOLE_DAYS, whole=len(recent), needed=LEAST_HISTORY)
    levels = _levels(recent, before=today, zone=zone)
    if levels is None:
        return TooLittle(Reason.FEW_WHOLE_DAYS, whole=len(recent), needed=LEAST_HISTORY)
    misses = sorted(_misses(recent, today=today, zone=zone))
    if not misses:
        return TooLittle(Reason.FEW_WHOLE_DAYS, whole=len(recent), needed=LEAST_HISTORY)
    return Expectation(
        today=today,
        working=levels[False],
        off=levels[True],
        miss=misses[math.ceil(STAYED_WITHIN * len(misses)) - 1],
        tries=len(misses),
        zone=zone,
        season=_season(used, today=today, zone=zone),
    )


def _levels(used: Used, *, before: date, zone: str) -> dict[bool, float] | None:
    """Return the energy of a working day (False) and of a day off (True); None where no day is near enough."""
    sums, weights = {False: 0.0, True: 0.0}, {False: 0.0, True: 0.0}
    for age in range(1, LEARNT + 1):
        day = before - age * _ONE_DAY
        if day in used:
            off, weight = is_day_off(day, zone=zone), 0.5 ** (age / _HALF_LIFE)
            sums[off] += used[day] * weight
            weights[off] += weight
    total = sum(weights.values())
    if not total:
        return None
    mean = sum(sums.values()) / total
    return {off: sums[off] / weights[off] if weights[off] else mean for off in sums}


def _misses(used: Used, *, today: date, zone: str) -> list[float]:
    """Return how far the rule was off in each week that ended before today."""
    misses = []
    for start in Days(min(used) + _FIRST_TRY * _ONE_DAY, today - (_WEEK - 1) * _ONE_DAY):
        week = [day for day in Days(start, start + _WEEK * _ONE_DAY) if day in used]
        levels = _levels(used, before=start, zone=zone)
        if len(week) < _LEAST_OF_WEEK or levels is None:
            continue
        expected = sum(levels[is_day_off(day, zone=zone)] for day in week)
        measured = sum(used[day] for day in week)
        if expected and measured:
            misses.append(min(abs(math.log(measured / expected)), _LARGEST_MISS))
        else:
            misses.append(0.0 if measured == expected else _LARGEST_MISS)
    return misses


def _season(used: Used, *, today: date, zone: str) -> Callable[[date], float]:
    """Return what last year did around a day, against the weeks before today a year before; 1 where it is unknown."""

    def around(days: Days) -> float | None:
        then = [used[day] for day in a_year_before(days, zone=zone) if day in used]
        return sum(then) / len(then) if len(then) >= _LEAST_OF_SEASON * len(days) else None

    level = around(Days(today - LEARNT * _ONE_DAY, today))
    known: dict[date, float] = {}

    def season(day: date) -> float:
        if day not in known:
            window = Days(day - _SEASON_DAYS * _ONE_DAY, day + (_SEASON_DAYS + 1) * _ONE_DAY)
            then = around(window)
            ratio = (then / level) ** _SEASON_SHARE if then and level else 1.0
            known[day] = min(max(ratio, _SEASON_LIMITS[0]), _SEASON_LIMITS[1])
        return known[day]

    return season
