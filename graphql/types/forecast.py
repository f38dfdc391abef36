"""The outlook of a running billing period: projected, never a bill."""

from datetime import date, datetime
from decimal import Decimal

import strawberry

from gridhall.billing.forecasts import model
from gridhall.graphql.context import Info
from gridhall.graphql.types.missing import Missing
from gridhall.graphql.types.money import Money


@strawberry.type(description="The energy of the period in kWh: four times of five it ends between low and high.")
class ProjectedUse:
    """The energy of the period."""

    measured: Decimal = strawberry.field(description="Of the days that are over and have no gap.")
    measured_days: int
    likely: Decimal
    low: Decimal
    high: Decimal


@strawberry.type(description="What the period is likely to cost by today's tariff. It asks for no money.")
class ProjectedBill:
    """What the period is likely to cost."""

    projected: bool = strawberry.field(description="Always true: this is no bill.")
    so_far: Money = strawberry.field(description="What the use until now costs.")
    likely: Money
    low: Money
    high: Money


@strawberry.type(description="When the next tier (阶梯) is reached; a day is null where that is not in this cycle.")
class TierAhead:
    """When the next tier is reached."""

    tier: int
    starts_at: Decimal = strawberry.field(description="Last kWh of the tier before.")
    used: Decimal = strawberry.field(description="Energy of the cycle so far.")
    likely_on: date | None
    earliest: date | None
    latest: date | None


@strawberry.type(description="How long money paid ahead lasts; a day is null where that is more than two months away.")
class BalanceAhead:
    """How long money paid ahead lasts."""

    prepaid: Money
    unbilled: Money = strawberry.field(description="What the use since the last bill costs.")
    left: Money
    lasts_days: int | None
    likely_on: date | None
    earliest: date | None


@strawberry.type(description="The outlook of the running billing period. Nothing in it is a bill.")
class Forecast:
    """The outlook of the running billing period."""

    month: str = strawberry.field(description="Label of the billing period.")
    from_day: date | None = None
    to_day: date | None = strawberry.field(description="First day after the period.", default=None)
    use: ProjectedUse | None = None
    bill: ProjectedBill | None = None
    tier: TierAhead | None = strawberry.field(description="Null in the top tier.", default=None)
    balance: BalanceAhead | None = strawberry.field(description="Null where nothing is paid ahead.", default=None)
    message: str | None = strawberry.field(description="The outlook in a sentence.", default=None)
    missing: Missing | None = strawberry.field(description="Why the use, or else the bill, is null.", default=None)
    as_of: datetime | None = None

    @classmethod
    def of(cls, found: model.Forecast | model.NoForecast, info: Info) -> "Forecast":
        """Present an outlook, or why there is none."""
        if isinstance(found, model.NoForecast):
            return cls(month=str(found.month), missing=Missing.of(found.why, info))
        use = found.projection
        return cls(
            month=str(found.month),
            from_day=use.days.start,
            to_day=use.days.end,
            use=ProjectedUse(
                measured=use.measured,
                measured_days=use.measured_days,
                likely=use.likely,
                low=use.low,
                high=use.high,
            ),
            bill=_bill(found.bill) if found.bill else None,
            tier=_tier(found.tier) if found.tier else None,
            balance=_balance(found.balance, found.today) if found.balance else None,
            message=_said(found.bill, info) if found.bill else None,
            missing=Missing.of(found.unpriced, info) if found.unpriced else None,
            as_of=found.as_of,
        )


def _said(bill: model.ProjectedBill, info: Info) -> str:
    params = {"likely": round(bill.likely / 100), "low": bill.low // 100, "high": -(-bill.high // 100)}
    return info.context.hall.words.say("forecast.bill", language=info.context.language, params=params)


def _bill(bill: model.ProjectedBill) -> ProjectedBill:
    return ProjectedBill(
        projected=True,
        so_far=Money(fen=bill.so_far),
        likely=Money(fen=bill.likely),
        low=Money(fen=bill.low),
        high=Money(fen=bill.high),
    )


def _tier(tier: model.TierAhead) -> TierAhead:
    return TierAhead(
        tier=tier.tier,
        starts_at=tier.starts_at,
        used=tier.used,
        likely_on=tier.likely_on,
        earliest=tier.earliest,
        latest=tier.latest,
    )


def _balance(balance: model.BalanceAhead, today: date) -> BalanceAhead:
    return BalanceAhead(
        prepaid=Money(fen=balance.prepaid),
        unbilled=Money(fen=balance.unbilled),
        left=Money(fen=balance.left),
        lasts_days=(balance.likely_on - today).days if balance.likely_on else None,
        likely_on=balance.likely_on,
        earliest=balance.earliest,
    )
