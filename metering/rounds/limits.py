"""What people tune: from which deviation on a read is doubted."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from gridhall.kit.settings import Settings


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """Thresholds of the plausibility checks.

    tolerance_days: how far from the reading day a read still stands for it. high_ratio: a use beyond this multiple
    of the highest in the past is doubted, one below this fraction of the lowest too. floor_kwh: differences smaller
    than this are never doubted. far_m: how far from the meter's known place somebody may stand. max_kw: what a meter,
    before its multiplier, can count at most. skew: how far a phone's clock may be ahead. show_last: readers see what
    the meter showed last.
    """

    tolerance_days: int
    high_ratio: Decimal
    floor_kwh: int
    far_m: int
    max_kw: int
    skew: timedelta
    show_last: bool

    @classmethod
    def of(cls, settings: Settings) -> "ReadingLimits":
        """Return the thresholds of the settings."""
        return cls(
            tolerance_days=settings.reading_tolerance_days,
            high_ratio=Decimal(str(settings.reading_high_ratio)),
            floor_kwh=settings.reading_floor_kwh,
            far_m=settings.reading_far_m,
            max_kw=settings.feed_max_kw,
            skew=timedelta(minutes=settings.feed_clock_skew_minutes),
            show_last=settings.reading_show_last,
        )
