"""What is kept of a day as half hours: joined, halved, and missing where nothing was measured."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import numpy as np
import pytest

from gridhall.kit.localdays import DAY_MINUTES, Days
from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.histories.keys import day_key
from gridhall.metering.histories.model import DayBucket
from gridhall.metering.histories.packing import MISSING, MISSING_QUALITY, pack, pack_quality
from gridhall.metering.irregular.curves import Floats
from gridhall.metering.irregular.reading import _Kept, _kept, completed

HOME, DAY = UUID(int=1), date(2026, 10, 3)


def read(minutes: int, values: list[int], codes: list[int] | None = None, *, day: date = DAY) -> Floats:
    return kept(minutes, values, codes, day=day).kwh[0]


def kept(minutes: int, values: list[int], codes: list[int] | None = None, *, day: date = DAY) -> _Kept:
    quality = pack_quality(bytes(codes or [MISSING_QUALITY if value == MISSING else 0 for value in values]))
    bucket = DayBucket(
        key=day_key(HOME, IMPORT_KWH, day),
        revision=1,
        minutes=minutes,
        scale=3,
        zone="Europe/London",
        calendar="single",
        values=pack(values),
        quality=quality,
        totals={},
        as_of=datetime(2026, 11, 1, tzinfo=UTC),
    )
    return _kept([HOME], [bucket], Days(day, day + timedelta(days=1)))[HOME]


def test_quarters_are_joined_and_a_half_hour_with_a_missing_quarter_is_missing() -> None:
    found = read(15, [100, 50, MISSING, 50, *[10] * 92])
    assert found[0] == pytest.approx(0.15)
    assert np.isnan(found[1])
    assert found[2:] == pytest.approx(0.02)


def test_hours_are_halved() -> None:
    assert read(60, [100, *[10] * 23])[:3] == pytest.approx([0.05, 0.05, 0.005])


def test_estimates_are_not_measured() -> None:
    assert np.isnan(read(30, [100] * 48, [8] * 48)).all()
    assert np.isnan(read(30, [100] * 48, [9, *[0] * 47])[0])


def test_a_day_of_23_hours_is_left_out() -> None:
    assert np.isnan(read(30, [100] * 46, day=date(2026, 3, 29))).all()


def test_what_is_missing_gets_the_homes_own_usual_slot() -> None:
    energy = np.tile(np.arange(48.0), (1, 5, 1))
    holed = energy.copy()
    holed[0, 2, :10] = np.nan
    holed[0, 4] = np.nan
    assert (completed(holed) == energy).all()
    assert (completed(np.full((1, 3, 48), np.nan)) == 0).all()


def test_a_day_of_which_only_the_energy_is_known_has_no_shape() -> None:
    day = kept(DAY_MINUTES, [4800])
    assert day.kwh[0] == pytest.approx(0.1)
    assert not day.shaped[0]
    assert kept(30, [100] * 48).shaped[0]
