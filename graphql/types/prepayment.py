"""Prepayment as the account's people and the desk see it: what is left, by which days, and how sure that is."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

import strawberry

from gridhall.billing.accounts import model
from gridhall.billing.prepayment.model import Level
from gridhall.billing.prepayment.model import Prepayment as Standing
from gridhall.billing.prepayment.top_ups import TopUpConsent
from gridhall.graphql.context import Info
from gridhall.graphql.types.money import Money
from gridhall.kit.localdays import local_day
from gridhall.kit.money import Fen

strawberry.enum(Level, name="BalanceLevel", description="Fine, low, or empty, by the thresholds of the region.")


@strawberry.enum(description="Whether an account pays ahead.")
class PaymentMode(StrEnum):
    """Whether an account pays ahead."""

    POST_PAID = "post_paid"
    PREPAID = "prepaid"


@strawberry.type(description="Provisional days since the last bill, in columns of one length, the oldest first.")
class ProvisionalDays:
    """Provisional days."""

    days: list[date]
    kwh: list[Decimal | None] = strawberry.field(description="Null where nothing was measured (yet).")
    fen: list[int] = strawberry.field(description="What each costs; they sum to `provisional`.")
    quality: list[int | None] = strawberry.field(description="The worst quality code (ESPI 4.0) of each.")
    firm: list[bool] = strawberry.field(description="Whether each is whole and of real readings.")


@strawberry.type(description="The free energy of a subsidised household (低保/五保) in the running period.")
class FreeAllowance:
    """The free energy of a subsidised household."""

    kwh: Decimal
    used: Decimal
    left: Decimal


@strawberry.type(description="A consent to be topped up by the bank mandate (自动充值).")
class AutoTopUp:
    """A consent to be topped up."""

    below: Money = strawberry.field(description="Where the balance is below this.")
    amount: Money = strawberry.field(description="So much is collected, several times where one is not enough.")
    daily_most: Money
    since: datetime

    @classmethod
    def of(cls, consent: TopUpConsent) -> "AutoTopUp":
        """Present a consent."""
        return cls(
            below=Money(fen=consent.below),
            amount=Money(fen=consent.amount),
            daily_most=Money(fen=consent.daily_most),
            since=consent.at,
        )


@strawberry.type(
    description="How an account stands that pays ahead. Nothing of it is a bill, and nothing of it is owed."
)
class Prepayment:
    """How an account stands that pays ahead."""

    mode: PaymentMode
    mode_tomorrow: PaymentMode = strawberry.field(description="A switch holds from the day after it was approved.")
    balance: Money = strawberry.field(description="Money paid ahead, less the provisional charges.")
    paid_ahead: Money = strawberry.field(description="Money paid ahead, as the ledger has it.")
    provisional: Money = strawberry.field(description="What the days since the last bill cost; the bill is final.")
    provisional_since: date | None = strawberry.field(
        description="First day that no bill covers; null: not reckoned yet."
    )
    as_of: datetime | None = strawberry.field(description="When the newest reading behind it was stored.")
    last_day: date | None = strawberry.field(description="The newest day of which something was measured.")
    fresh: bool = strawberry.field(description="Whether that day is yesterday, whole, and of real readings.")
    days: ProvisionalDays
    days_left: int | None = strawberry.field(description="An estimate, at the mean of the last fortnight.")
    level: Level
    unpriced: str | None = strawberry.field(description="Why the use has no price, where it has none.")
    allowance: FreeAllowance | None
    auto_top_up: AutoTopUp | None


@strawberry.type
class PrepaymentFields:
    """What every account tells of prepayment."""

    record: strawberry.Private[model.Account]

    @strawberry.field(description="Whether the account pays ahead, and what is left; null for one that never did.")
    async def prepayment(self, info: Info) -> Prepayment | None:
        """Return how the account stands."""
        account, hall = self.record, info.context.hall
        if not account.prepaid_stays:
            return None
        standing = await hall.prepayments.load(account.id)
        consents = await hall.billing.prepaying.consents.holding([account.id])
        today = local_day(hall.clock.now(), hall.settings.time_zone)
        return presented(account, standing, consents.get(account.id), today=today)


def presented(
    account: model.Account, standing: Standing | None, consent: TopUpConsent | None, *, today: date
) -> Prepayment:
    """Present how an account stands; one that was not reckoned yet has its money and no days."""
    days = standing.days if standing else ()
    last = standing.last if standing else None
    free = standing.allowance if standing else None
    charged = standing.charged if standing else Fen(0)
    return Prepayment(
        mode=_mode(account, today),
        mode_tomorrow=_mode(account, date.fromordinal(today.toordinal() + 1)),
        balance=Money(fen=Fen(account.balance.prepaid - charged)),
        paid_ahead=Money(fen=account.balance.prepaid),
        provisional=Money(fen=charged),
        provisional_since=standing.since if standing else None,
        as_of=standing.as_of if standing else None,
        last_day=last.day if last else None,
        fresh=last is not None and last.firm and (today - last.day).days <= 1,
        days=ProvisionalDays(
            days=[one.day for one in days],
            kwh=[one.kwh for one in days],
            fen=[one.amount for one in days],
            quality=[one.quality for one in days],
            firm=[one.firm for one in days],
        ),
        days_left=standing.days_left(account) if standing else None,
        level=standing.level if standing else Level.FINE,
        unpriced=standing.unpriced or None if standing else None,
        allowance=FreeAllowance(kwh=free.kwh, used=free.used, left=free.left) if free else None,
        auto_top_up=AutoTopUp.of(consent) if consent else None,
    )


def _mode(account: model.Account, day: date) -> PaymentMode:
    return PaymentMode.PREPAID if account.is_prepaid(day) else PaymentMode.POST_PAID
