"""Accounts as a client sees them."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

import strawberry
from strawberry import relay

from gridhall.billing.accounts import model
from gridhall.billing.bills.standing import tier_standing
from gridhall.billing.regions import region
from gridhall.crm.access.policies import may_see_account
from gridhall.crm.customers.model import ACCOUNT
from gridhall.graphql.context import Info
from gridhall.graphql.errors import RefusedError
from gridhall.graphql.paging import checked_first, connection
from gridhall.graphql.types.bill import Bill
from gridhall.graphql.types.money import Money
from gridhall.graphql.types.tariff import Tier, in_language
from gridhall.graphql.types.usage import Resolution, Usage, of_intervals, of_totals
from gridhall.kit.localdays import Days, Month, local_day
from gridhall.kit.paging import Page, from_cursor
from gridhall.metering.calendars import calendar
from gridhall.metering.histories.queries import day_series, interval_series, month_series
from gridhall.metering.points.model import ServicePoint

MOST_DAYS = {Resolution.INTERVAL: 31, Resolution.DAY: 400, Resolution.MONTH: 3700}
"""The longest range of each resolution; a phone shows no more, and an export is another thing."""

_YEARS = range(1970, 2200)
"""No meter was read before; far beyond, days have no instant."""


@strawberry.type(description="Two figures that are never one: what is owed, and what was paid ahead.")
class Balance:
    """What an account owes and has prepaid."""

    owed: Money
    prepaid: Money


@strawberry.type(description="A contract to be supplied (户号).")
class Account(relay.Node):
    """A contract to be supplied."""

    id: relay.NodeID[str]
    number: str = strawberry.field(description="The account number (户号).")
    region: str
    address: str
    role: str = strawberry.field(description="What the caller is on it: owner, member or viewer.")
    balance: Balance
    version: int = strawberry.field(description="Raised by every change of contract, bills or money.")
    record: strawberry.Private[model.Account]

    @strawberry.field(description="Where the account stands in the tiers (阶梯) of its cycle.")
    async def tier(self, info: Info) -> Tier | None:
        """Return the account's place in its tiers."""
        hall = info.context.hall
        standing = await tier_standing(
            account=self.record,
            bills=hall.billed,
            histories=hall.months,
            today=_today(info),
        )
        return Tier.of(standing, info.context.language) if standing else None

    @strawberry.field(description="Bills, newest first. A bill under review is not shown before it is issued.")
    async def bills(self, info: Info, first: int = 12, after: str | None = None) -> relay.Connection[Bill]:
        """Return a page of bills."""
        before = _month(from_cursor(after)) if after else None
        limit = checked_first(first)
        hall = info.context.hall
        found = await hall.newest_bills.load((self.record.id, before, limit + 1)) or []
        page = Page.cut(found, limit=limit, key=lambda bill: str(bill.month))
        return connection(page.map(lambda bill: Bill.of(bill, public_url=hall.settings.public_url)), after=after)

    @strawberry.field(description="The usage history of local days from `from` up to, not including, `to`.")
    async def usage(
        self,
        info: Info,
        from_: Annotated[date, strawberry.argument(name="from")],
        to: date,
        resolution: Resolution = Resolution.DAY,
    ) -> Usage | None:
        """Return the usage of the account's first service point; null where it has none."""
        return await usage_of(info, self.record, first=from_, end=to, resolution=resolution)

    @classmethod
    def of(cls, account: model.Account, *, role: str, language: str) -> "Account":
        """Present an account to somebody who may see it."""
        return cls(
            id=str(account.id),
            number=account.number,
            region=region(account.region).title[language],
            address=account.address,
            role=role,
            balance=Balance(owed=Money(fen=account.balance.owed), prepaid=Money(fen=account.balance.prepaid)),
            version=account.version,
            record=account,
        )

    @classmethod
    async def resolve_nodes(  # type: ignore[override]
        cls, *, info: Info, node_ids: Iterable[str], required: bool = False
    ) -> list["Account | None"]:
        """Return accounts by id; null for those that are not there, or not for the caller's eyes."""
        del required
        return [await visible_account(info, node_id) for node_id in node_ids]


async def visible_account(info: Info, node_id: str) -> Account | None:
    """Return an account that the caller may see, or None."""
    try:
        account_id = model.AccountId(UUID(node_id))
    except ValueError:
        return None
    subject = info.context.subject
    if may_see_account(subject, account_id) is not True:
        return None
    account = await info.context.hall.accounts.load(account_id)
    if account is None:
        return None
    role = min(subject.roles_on(ACCOUNT, account_id), default="")
    return Account.of(account, role=role, language=info.context.language)


async def usage_of(
    info: Info, account: model.Account, *, first: date, end: date, resolution: Resolution
) -> Usage | None:
    """Return the usage of an account that the caller may see. Raises RefusedError for a range that is too long."""
    known = first.year in _YEARS and end.year in _YEARS
    if not known or not 0 < (end - first).days <= MOST_DAYS[resolution]:
        raise RefusedError("input.bad_range", {"most": MOST_DAYS[resolution]})
    links = [link for link in account.points if link.to_day is None or link.to_day > first]
    point = await info.context.hall.points.load(links[0].point_id) if links else None
    return await _usage(info, point, Days(first, end), resolution) if point else None


async def _usage(info: Info, point: ServicePoint, days: Days, resolution: Resolution) -> Usage:
    histories, language = info.context.hall.billing.histories, info.context.language
    hours = calendar(point.calendar)
    titles = [in_language(title.zh, title.en, language) for title in hours.titles]
    if resolution is Resolution.INTERVAL:
        intervals = await interval_series(point=point, days=days, histories=histories)
        zone, step = ZoneInfo(point.zone), timedelta(minutes=intervals.minutes)
        labels = [
            (intervals.start + step * index).astimezone(zone).isoformat() for index in range(len(intervals.values))
        ]
        return of_intervals(intervals, calendar=hours, titles=titles, zone_labels=labels)
    if resolution is Resolution.DAY:
        totals = await day_series(point=point, days=days, histories=info.context.hall.months)
    else:
        first, last = Month.of(days.start), Month.of(days.end - timedelta(days=1))
        months = [first]
        while months[-1] < last:
            months.append(months[-1].shift(1))
        totals = await month_series(point=point, months=months, histories=info.context.hall.months, until=_today(info))
    return of_totals(totals, resolution=resolution, titles=dict(zip(hours.periods, titles, strict=True)))


def _today(info: Info) -> date:
    hall = info.context.hall
    return local_day(hall.clock.now(), hall.settings.time_zone)


def _month(label: str) -> Month:
    try:
        return Month.parse(label)
    except ValueError:
        raise RefusedError("input.bad_cursor") from None
