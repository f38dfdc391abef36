"""Accounts as an agent sees them."""

from datetime import date

import strawberry
from strawberry import relay

from gridhall.billing.regions import region
from gridhall.crm.agents.dossiers import SeenAccount
from gridhall.graphql.context import Info
from gridhall.graphql.paging import checked_first, connection
from gridhall.graphql.types.account import Balance
from gridhall.graphql.types.desk.bill import DeskBill, position_of, read_position
from gridhall.graphql.types.desk.node import DeskNode
from gridhall.graphql.types.ledger import LedgerFields
from gridhall.graphql.types.meters import MeterFields
from gridhall.graphql.types.money import Money
from gridhall.graphql.types.outlook import OutlookFields
from gridhall.graphql.types.prepayment import PrepaymentFields
from gridhall.graphql.types.usage_fields import UsageFields
from gridhall.kit.paging import Page, from_cursor
from gridhall.notifications.ebill.assemble import masked_address


@strawberry.type(description="A contract to be supplied (户号), as the desk sees it.")
class DeskAccount(LedgerFields, MeterFields, OutlookFields, PrepaymentFields, UsageFields, DeskNode):
    """An account as the desk sees it."""

    id: relay.NodeID[str]
    number: str
    region: str
    org_path: str
    address: str = strawberry.field(description="Masked; `unmask` tells it.")
    role: str = strawberry.field(description="What the customer is on it: owner, member, viewer, or unbound holder.")
    kept_since: date
    balance: Balance

    @strawberry.field(description="Every bill, newest first: held and rejected ones too.")
    async def bills(self, info: Info, first: int = 12, after: str | None = None) -> relay.Connection[DeskBill]:
        """Return a page of bills."""
        before = read_position(from_cursor(after)) if after else None
        limit = checked_first(first)
        repository = info.context.hall.billing.bills
        found = await repository.all_of(self.record.id, before=before, limit=limit + 1)
        page = Page.cut(found, limit=limit, key=position_of)
        return connection(page.map(lambda bill: DeskBill.of(bill, account=self.record)), after=after)

    @classmethod
    def of(cls, seen: SeenAccount, *, language: str) -> "DeskAccount":
        """Present an account to an agent who may see it."""
        account = seen.account
        return cls(
            id=str(account.id),
            number=account.number,
            region=region(account.region).title[language],
            org_path=account.org_path,
            address=masked_address(account.address),
            role=seen.role,
            kept_since=account.kept_since,
            balance=Balance(owed=Money(fen=account.balance.owed), prepaid=Money(fen=account.balance.prepaid)),
            record=account,
        )
