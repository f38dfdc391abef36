"""Which meter hung where on which days."""

from datetime import date
from uuid import UUID

import pytest

from gridhall.metering.points.model import KnownMeter, Meter, MeterLink, ServicePoint

OLD = MeterLink("M1", date(2026, 1, 1), date(2026, 6, 15))
NEW = MeterLink("M2", date(2026, 6, 15), multiplier=40)
POINT = ServicePoint(UUID(int=1), "zhejiang", "grid/city", "Asia/Shanghai", "single", (OLD, NEW))


def test_the_day_of_an_exchange_belongs_to_the_new_meter() -> None:
    assert POINT.link_on(date(2026, 6, 14)) is OLD
    assert POINT.link_on(date(2026, 6, 15)) is NEW
    assert POINT.link_on(date(2025, 12, 31)) is None


def test_a_meter_is_found_where_it_hung_on_the_day() -> None:
    elsewhere = ServicePoint(
        UUID(int=2), "zhejiang", "grid/city", "Asia/Shanghai", "single", (MeterLink("M1", date(2026, 7, 1)),)
    )
    known = KnownMeter(Meter("M1"), (POINT, elsewhere))
    assert known.point_on(date(2026, 6, 1)) == (POINT, OLD)
    assert known.point_on(date(2026, 6, 20)) is None
    assert known.point_on(date(2026, 7, 1)) == (elsewhere, elsewhere.links[0])


def test_links_overlap_where_they_share_a_day() -> None:
    assert not OLD.overlaps(NEW)
    assert NEW.overlaps(MeterLink("M3", date(2030, 1, 1)))
    assert OLD.overlaps(MeterLink("M3", date(2026, 6, 14), date(2026, 6, 15)))


@pytest.mark.parametrize("multiplier", [0, -1, 100_001])
def test_a_multiplier_out_of_bounds_is_refused_by_name(multiplier: int) -> None:
    with pytest.raises(ValueError, match="multiplier must be 1 to 100000"):
        MeterLink("M1", date(2026, 1, 1), multiplier=multiplier)


def test_a_link_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="to_day must be later"):
        MeterLink("M1", date(2026, 1, 2), date(2026, 1, 2))


def test_a_meter_has_slots_that_divide_the_hour_and_a_scale_that_can_be_counted() -> None:
    with pytest.raises(ValueError, match="interval_minutes must be one of"):
        Meter("M1", interval_minutes=7)
    with pytest.raises(ValueError, match="scale must be 0 to 6"):
        Meter("M1", scale=7)
