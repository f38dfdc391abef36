"""What is said beside the columns of a usage history: figures, comparisons, and why detail is not there."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import strawberry

from gridhall.graphql.context import Info
from gridhall.metering.histories import comparing
from gridhall.metering.histories.comparing import Against
from gridhall.metering.histories.figures import figures_of, peak_demand
from gridhall.metering.histories.series import IntervalSeries, TotalsSeries

strawberry.enum(Against, name="CompareAgainst", description="What a range is compared with.")

Comparisons = Against
"""The name of the enum in the schema."""

_RATIO_DIGITS = 4


@strawberry.type(description="Lowest, highest and mean slot, of those that are whole: at least 95 % of them is there.")
class UsageFigures:
    """Lowest, highest and mean slot."""

    least: float
    least_at: str = strawberry.field(description="The label of the first slot that is so low.")
    most: float
    most_at: str = strawberry.field(description="The label of the first slot that is so high.")
    mean: float
    slots: int = strawberry.field(description="How many slots are whole.")

    @classmethod
    def of(cls, series: IntervalSeries | TotalsSeries, labels: Sequence[str]) -> "UsageFigures | None":
        """Present the figures of a series, None where no slot is whole."""
        found = figures_of(series)
        if found is None:
            return None
        return cls(
            least=float(found.least),
            least_at=labels[found.least_at],
            most=float(found.most),
            most_at=labels[found.most_at],
            mean=float(round(found.mean, series.scale + 2)),
            slots=found.slots,
        )


@strawberry.type(description="The highest average power (最大需量) of a slot.")
class PeakDemand:
    """The highest average power of a slot."""

    kw: float = strawberry.field(description="kW; kvar of a reactive channel.")
    at: datetime = strawberry.field(description="When the slot began.")
    minutes: int = strawberry.field(description="How long the slot is.")

    @classmethod
    def of(cls, series: IntervalSeries, zone: ZoneInfo) -> "PeakDemand | None":
        """Present the peak demand of a curve, None where nothing of it is there."""
        found = peak_demand(series)
        return cls(kw=float(found.kw), at=found.at.astimezone(zone), minutes=found.minutes) if found else None


@strawberry.type(description="Intervals that were kept once and are not any more; days, months and years still are.")
class ExpiredDetail:
    """Intervals that are not kept any more."""

    days: int = strawberry.field(description="How many days of the range it concerns.")
    last_day: date = strawberry.field(description="The last of these days.")
    message: str


def expired_detail(series: IntervalSeries, info: Info) -> ExpiredDetail | None:
    """Say which intervals expired, None where none did."""
    if not series.expired:
        return None
    last = series.expired[-1]
    message = info.context.hall.words.say("usage.expired", language=info.context.language, params={"day": last})
    return ExpiredDetail(days=len(series.expired), last_day=last, message=message)


@strawberry.type(description="Two ranges compared day against day; only days count that are whole on both sides.")
class Comparison:
    """Two ranges compared."""

    against: Comparisons
    from_: date = strawberry.field(name="from")
    to: date = strawberry.field(description="The first day after what has passed of the range.")
    other_from: date
    other_to: date
    compared_days: int = strawberry.field(description="How many days of each side were compared.")
    total: float | None = strawberry.field(description="Energy of the compared days; null where `reason` says why.")
    other_total: float | None
    change: float | None = strawberry.field(description="0.1 is a tenth more; null where `reason` says why.")
    reason: str | None = strawberry.field(description="not_begun, no_history, thin_history, was_zero, or null.")
    message: str | None = strawberry.field(description="The reason in words.")


def compared(found: comparing.Comparison, info: Info) -> Comparison:
    """Present a comparison."""
    context = info.context
    message = found.reason and context.hall.words.say(
        f"usage.compare.{found.reason}", language=context.language, params={"days": found.pairs}
    )
    return Comparison(
        against=found.against,
        from_=found.days.start,
        to=found.days.end,
        other_from=found.other.start,
        other_to=found.other.end,
        compared_days=found.pairs,
        total=None if found.total is None else float(found.total),
        other_total=None if found.other_total is None else float(found.other_total),
        change=None if found.change is None else float(round(found.change, _RATIO_DIGITS)),
        reason=found.reason,
        message=message,
    )
