"""The collectors' queue and the figures of arrears, as the desk sees them."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

import strawberry
from strawberry import relay

from gridhall.billing.accounts.model import Account, AccountId
from gridhall.billing.arrears import model
from gridhall.billing.arrears.figures import AGES, aging, days_outstanding, recovery
from gridhall.billing.arrears.scoring import chance
from gridhall.billing.arrears.states import State
from gridhall.crm.agents.policies import units_served
from gridhall.graphql.context import Info
from gridhall.graphql.paging import Places, connection, number_of
from gridhall.graphql.types.desk.node import DeskNode
from gridhall.graphql.types.money import Money
from gridhall.kit.localdays import Month, local_day

_MONTHS = 6


@strawberry.type(description="Something that happened to an account in arrears.")
class ArrearsStep:
    """A line of history."""

    at: datetime
    by: str = strawberry.field(description="An agent's name, `customer` or `system`.")
    event: str
    state: State
    note: str


@strawberry.type(description="An account that owes something overdue.")
class ArrearsAccount(DeskNode):
    """An account in arrears."""

    id: relay.NodeID[str]
    account_number: str
    region: str
    org_path: str
    state: State
    since: datetime | None
    shield: str = strawberry.field(description="hardship, life_support or critical; empty where it is none.")
    overdue: Money
    oldest_due: date | None
    chance: str = strawberry.field(description="How likely the overdue amount is to be paid, 0 to 1.")
    expected: Money = strawberry.field(description="Amount by chance; the queue begins with the most.")
    reasons: list[str] = strawberry.field(description="Why the chance is what it is, in words.")
    history: list[ArrearsStep] = strawberry.field(description="The newest 20 steps, the last first.")

    @classmethod
    def of(cls, one: model.Pursuit, *, account: Account, info: Info) -> "ArrearsAccount":
        """Present an account to an agent who may see its district."""
        words, language = info.context.hall.words, info.context.language
        likely = chance(overdue=one.overdue, oldest_due=one.oldest_due, record=one.record, today=_today(info))
        return cls(
            id=str(one.account_id),
            account_number=account.number,
            region=one.region,
            org_path=one.org_path,
            state=one.state,
            since=one.since,
            shield=one.shield,
            overdue=Money(fen=one.overdue),
            oldest_due=one.oldest_due,
            chance=str(likely.share),
            expected=Money(fen=likely.expected),
            reasons=[
                words.say(f"arrears.reason.{reason.code}", language=language, params=dict(reason.params))
                for reason in likely.reasons
            ],
            history=[
                ArrearsStep(at=entry.at, by=entry.by, event=entry.event, state=entry.state, note=entry.note)
                for entry in reversed(one.history[-20:])
            ],
        )


@strawberry.input(description="Which accounts are listed, the most to be expected first.")
class ArrearsFilter:
    """Which accounts are listed."""

    region: str
    states: list[State] | None = strawberry.field(default=None, description="All where absent.")


_PLACES: Final[Places[model.Pursuit, int, AccountId]] = Places(
    lambda one: (one.expected, one.account_id), number_of, lambda text: AccountId(UUID(text))
)


async def arrears_queue(
    info: Info, filter: ArrearsFilter, first: int = 20, after: str | None = None
) -> relay.Connection[ArrearsAccount]:
    """Return a page of the accounts that the agent may see."""
    billing, units = info.context.hall.billing, units_served(info.context.subject, region=filter.region)
    pursuits, states = billing.arrears.following.pursuits, filter.states or list(State)
    page = await _PLACES.page(
        lambda place, limit: pursuits.queue(region=filter.region, units=units, states=states, after=place, limit=limit),
        first=first,
        after=after,
    )
    accounts = await billing.accounts.load({one.account_id for one in page.items})
    return connection(
        page.map(lambda one: ArrearsAccount.of(one, account=accounts[one.account_id], info=info)), after=after
    )


@strawberry.type(description="What is overdue of an age.")
class ArrearsAge:
    """What is overdue of an age."""

    days: str = strawberry.field(description="Days overdue: 0-30, 31-60, 61-90 or 91+.")
    supply_class: str
    overdue: Money
    bills: int


@strawberry.type(description="What became of a month's bills.")
class RecoveredMonth:
    """What became of a month's bills."""

    month: str
    billed: Money
    paid: Money
    rate: str | None = strawberry.field(description="The share that is paid, 0 to 1; null where nothing was billed.")


@strawberry.type(description="How well money comes in, of a unit that the agent serves.")
class ArrearsFigures:
    """How well money comes in."""

    unit: str
    aging: list[ArrearsAge]
    months: list[RecoveredMonth] = strawberry.field(description="The last six, the newest first.")
    days_outstanding: str | None = strawberry.field(description="Days of billing for which the unpaid sum stands.")


async def arrears_figures(info: Info, region: str) -> list[ArrearsFigures]:
    """Return the figures of each widest unit of a region that the agent serves."""
    billing, today = info.context.hall.billing, _today(info)
    found = []
    for unit in units_served(info.context.subject, region=region):
        aged = await aging(debts=billing.arrears.following.debts, region=region, unit=unit, today=today)
        months = await recovery(bills=billing.bills, region=region, unit=unit, until=Month.of(today), months=_MONTHS)
        outstanding = days_outstanding(months)
        found.append(
            ArrearsFigures(
                unit=unit,
                aging=[
                    ArrearsAge(
                        days=AGES[one.age],
                        supply_class=str(one.supply_class),
                        overdue=Money(fen=one.fen),
                        bills=one.bills,
                    )
                    for one in sorted(aged, key=lambda one: (one.age, one.supply_class))
                ],
                months=[
                    RecoveredMonth(
                        month=str(one.month),
                        billed=Money(fen=one.billed),
                        paid=Money(fen=one.paid),
                        rate=str(one.rate) if one.rate is not None else None,
                    )
                    for one in months
                ],
                days_outstanding=str(outstanding) if outstanding is not None else None,
            )
        )
    return found


def _today(info: Info) -> date:
    hall = info.context.hall
    return local_day(hall.clock.now(), hall.settings.time_zone)
