"""From what is kept of a day, its registers and the days before to the evidence of its checks. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import blake2b

from gridhall.kit.localdays import slots_in
from gridhall.kit.quantity import from_scaled
from gridhall.kit.workdays import a_lunar_year_before, near_lunar_new_year
from gridhall.metering.histories.model import DayBucket, DayTotals
from gridhall.metering.points.model import Meter, ServicePoint
from gridhall.metering.quality import ESTIMATES
from gridhall.metering.registers.consumption import counted_between
from gridhall.metering.registers.model import RegisterDay, RegisterRead
from gridhall.metering.vee.checks.completeness import estimated_in
from gridhall.metering.vee.checks.history import AFTER_NEW_YEAR, BEFORE_NEW_YEAR
from gridhall.metering.vee.evidence import Curve, Evidence, Past, Registers
from gridhall.metering.vee.model import Stamp
from gridhall.metering.vee.thresholds import Thresholds

_ONE_DAY = timedelta(days=1)
_PRINT_BYTES = 8
_AROUND = 3
"""Days of last year on each side of the one that lies as far from its lunar new year."""


@dataclass(frozen=True, slots=True)
class Material:
    """What is kept of a channel at a point, as far as the days to be judged need it.

    totals: of days, by day. registers: by the midnight's day. buckets: the days themselves.
    prints: of the curves lately judged, each with the last day that has it.
    """

    point: ServicePoint
    channel: str
    meters: Mapping[str, Meter]
    totals: Mapping[date, DayTotals] = field(default_factory=dict)
    registers: Mapping[date, RegisterDay] = field(default_factory=dict)
    buckets: Mapping[date, DayBucket] = field(default_factory=dict)
    prints: Mapping[bytes, date] = field(default_factory=dict)

    def meter_on(self, day: date) -> Meter | None:
        """Return the meter that counts this channel here on a day; None where nothing is to be expected."""
        link = self.point.link_on(day)
        meter = self.meters.get(link.meter) if link else None
        return meter if meter and self.channel in meter.channels else None

    def stamp(self, day: date) -> Stamp:
        """Return which state of a day is kept."""
        totals, opening, closing = self.totals.get(day), self.registers.get(day), self.registers.get(day + _ONE_DAY)
        return Stamp(
            day=totals.revision if totals else 0,
            opening=opening.revision if opening else 0,
            closing=closing.revision if closing else 0,
        )

    def counted(self, day: date, meter: Meter) -> Registers:
        """Return what the registers say of a day."""
        return difference(self.registers.get(day), self.registers.get(day + _ONE_DAY), digits=meter.digits)

    def past(self) -> dict[date, Past]:
        """Return every day that is kept as the checks of later days see it."""
        return {day: _past(totals) for day, totals in self.totals.items()}

    def evidence(
        self, day: date, meter: Meter, limits: Thresholds, *, past: Mapping[date, Past], prints: Mapping[bytes, date]
    ) -> Evidence:
        """Return everything that the checks of a day look at.

        past: of this material, made once for all of its days. prints: its own, with those of days judged since.
        """
        bucket, link = self.buckets.get(day), self.point.link_on(day)
        curve = Curve.of(bucket) if bucket else None
        return Evidence(
            day=day,
            curve=curve,
            slots=slots_in(day, self.point.zone, meter.interval_minutes),
            minutes=meter.interval_minutes,
            multiplier=link.multiplier if link else 1,
            registers=self.counted(day, meter),
            past=past,
            last_year={one: past[one] for one in last_year_of(day) if one in past},
            prints=prints,
            print=print_of(curve, limits.duplicate.values) if curve else b"",
        )


def last_year_of(day: date) -> tuple[date, ...]:
    """Return the days of the lunar year before that a day around the lunar new year is compared with; else none."""
    if not near_lunar_new_year(day, before=BEFORE_NEW_YEAR, after=AFTER_NEW_YEAR):
        return ()
    like = a_lunar_year_before(day)
    return tuple(like + timedelta(days=offset) for offset in range(-_AROUND, _AROUND + 1))


def difference(opening: RegisterDay | None, closing: RegisterDay | None, *, digits: int | None = None) -> Registers:
    """Return what one meter counted between two midnights, times its multiplier.

    A register that shows less than before went over its end where that takes no more than a tenth of its `digits`;
    else it ran backwards, and the energy is below zero.
    """
    if opening is None or closing is None:
        return Registers(None, lacking="no_registers")
    first = next((read for read in opening.reads if not read.closing), None)
    last = next((read for read in closing.reads if first and read.meter == first.meter), None)
    if first is None or last is None:
        return Registers(None, lacking="meter_changed")
    if first.quality in ESTIMATES or last.quality in ESTIMATES:
        return Registers(None, lacking="register_estimated")
    names = ["total"] if "total" in first.values and "total" in last.values else sorted(first.values)
    if names != ["total"] and first.values.keys() != last.values.keys():
        return Registers(None, lacking="registers_of_other_periods")
    scale = max(first.scale, last.scale)
    counted = sum(_ran(_at(first, name, scale), _at(last, name, scale), scale, digits) for name in names)
    step = from_scaled(1, scale=min(first.scale, last.scale)) * first.multiplier
    return Registers(from_scaled(counted, scale=scale) * first.multiplier, resolution=step * len(names))


def _at(read: RegisterRead, name: str, scale: int) -> int:
    shown: int = read.values[name] * 10 ** (scale - read.scale)
    return shown


def _ran(before: int, after: int, scale: int, digits: int | None) -> int:
    used = counted_between(before=before, after=after, scale=scale, digits=digits)
    return after - before if used is None else used


def _past(totals: DayTotals) -> Past:
    return Past(
        kwh=from_scaled(sum(totals.totals.values()), scale=totals.scale),
        whole=totals.present == totals.expected,
        estimated=totals.quality in ESTIMATES,
    )


def print_of(curve: Curve, least: int) -> bytes:
    """Return the print of a curve; nothing where it has fewer than `least` different values, like an empty home's.

    Nor of one that is partly estimated: nobody sent it, and days that are estimated alike are alike.
    """
    if not curve.whole or len(set(curve.values)) < least or estimated_in(curve):
        return b""
    text = f"{curve.minutes} {curve.scale} {list(curve.values)}"
    return blake2b(text.encode(), digest_size=_PRINT_BYTES).digest()
