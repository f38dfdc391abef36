"""Checks of the values of a day by themselves: negative, spike, sum."""

from decimal import Decimal

from gridhall.kit.localdays import DAY_MINUTES
from gridhall.metering.vee.checks.verdicts import exact, judge, skip
from gridhall.metering.vee.evidence import Evidence
from gridhall.metering.vee.model import Outcome
from gridhall.metering.vee.thresholds import Thresholds

_THIRD = 3


def negative(evidence: Evidence, limits: Thresholds) -> Outcome:
    """A register never runs backwards. A negative interval never gets as far as here: the feed refuses it."""
    drawn = evidence.registers.kwh
    if drawn is None:
        return skip("negative", evidence.registers.lacking or "no_registers")
    return judge(
        "negative",
        failed=drawn < 0,
        measured=drawn,
        threshold=Decimal(0),
        by=limits.negative,
        registers_kwh=drawn,
    )


def spike(evidence: Evidence, limits: Thresholds) -> Outcome:
    """The highest interval of a day stands in proportion to the third-highest."""
    curve, limit = evidence.curve, limits.spike
    if curve and curve.minutes == DAY_MINUTES:
        return skip("spike", "no_curve")
    if curve is None or curve.present < _THIRD:
        return skip("spike", "no_readings")
    highest, _, third = sorted(curve.values, reverse=True)[:_THIRD]
    ratio = Decimal(highest) / max(third, 1)
    kw = curve.kw(highest)
    return judge(
        "spike",
        failed=ratio > exact(limit.ratio) and kw > exact(limit.floor_kw),
        measured=ratio,
        threshold=exact(limit.ratio),
        by=limit,
        highest_kw=kw,
        third_highest_kw=curve.kw(third),
        slot=curve.values.index(highest),
    )


def sums(evidence: Evidence, limits: Thresholds) -> Outcome:
    """The intervals of a whole day sum to the difference of the registers, times the multiplier.

    Of a day with gaps, the intervals that are there sum to no more than it.
    """
    curve, limit, registers = evidence.curve, limits.sum, evidence.registers
    if curve is None:
        return skip("sum", "no_readings")
    if registers.kwh is None:
        return skip("sum", registers.lacking or "no_registers")
    allowed = max(exact(limit.kwh), exact(limit.share) * abs(registers.kwh)) + registers.resolution
    difference = curve.total - registers.kwh
    if not curve.whole:
        difference = max(difference, Decimal(0))
    return judge(
        "sum",
        failed=abs(difference) > allowed,
        measured=abs(difference),
        threshold=allowed,
        by=limit,
        intervals_kwh=curve.total,
        registers_kwh=registers.kwh,
    )
