"""Accounts as a client sees them."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

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
from gridhall.graphql.types.arrears import ArrearsFields
from gridhall.graphql.types.bill import Bill
from gridhall.graphql.types.ledger import LedgerFields
from gridhall.graphql.types.meters import MeterFields
from gridhall.graphql.types.money import Money
from gridhall.graphql.types.outlook import OutlookFields
from gridhall.graphql.types.prepayment import PrepaymentFields
from gridhall.graphql.types.rounds.own_read import OwnRead
from gridhall.graphql.types.tariff import Tier
from gridhall.graphql.types.usage_fields import UsageFields
from gridhall.kit.localdays import Month, local_day
from gridhall.kit.paging import Page, from_cursor


@strawberry.type(description="Two figures that are never one: what is owed, and what was paid ahead.")
class Balance:
    """What an account owes and has prepaid."""

    owed: Money
    prepaid: Money


@strawberry.type(description="A contract to be supplied (户号).")
class Account(ArrearsFields, LedgerFields, MeterFields, OutlookFields, PrepaymentFields, UsageFields, relay.Node):
    """A contract to be supplied."""

    id: relay.NodeID[str]
    number: str = strawberry.field(description="The account number (户号).")
    region: str
    address: str
    role: str = strawberry.field(description="What the caller is on it: owner, member or viewer.")
    balance: Balance
    version: int = strawberry.field(description="Raised by every change of contract, bills or money.")

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

    @strawberry.field(description="What the customer read at the account's meters (自助抄表), newest first.")
    async def own_reads(self, info: Info, first: int = 6) -> list[OwnRead]:
        """Return the newest own reads of the account's present point."""
        limit, own = checked_first(first), info.context.hall.metering.own_reads
        point = next((link.point_id for link in self.record.points if link.to_day is None), None)
        found = await own.of_point(point, limit=limit) if point else []
        # The reads of those who lived here before stay theirs.
        since = {link.point_id: link.from_day for link in self.record.points}
        return [OwnRead.of(one, info) for one in found if one.day >= since[one.point_id]]

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


def _today(info: Info) -> date:
    hall = info.context.hall
    return local_day(hall.clock.now(), hall.settings.time_zone)


def _month(label: str) -> Month:
    try:
        return Month.parse(label)
    except ValueError:
        raise RefusedError("input.bad_cursor") from None
