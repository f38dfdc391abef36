"""Say from which projected bill on one wants to be told."""

import strawberry
from strawberry import relay

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.forecasts.alerts import may_be_limit
from gridhall.crm.access.policies import may_pay
from gridhall.graphql.context import Info
from gridhall.graphql.errors import RefusedError, require
from gridhall.graphql.ids import uuid_of
from gridhall.graphql.types.money import Money
from gridhall.kit.money import Fen


@strawberry.input(description="The limit of an account's projected bill.")
class SetBillAlertInput:
    """The limit of an account's projected bill."""

    account_id: relay.GlobalID
    limit_fen: int | None = strawberry.field(description="100 to 100,000,000; null to be told no more.", default=None)


@strawberry.type(description="The limit that holds now.")
class BillAlertSet:
    """The limit that holds now."""

    limit: Money | None


@strawberry.mutation(
    description="Set or clear the limit above which a projected bill is told, once a period. For owners and members."
)
async def set_bill_alert(info: Info, input: SetBillAlertInput) -> BillAlertSet:
    """Set or clear the limit of an account."""
    hall, _ = info.context.hall, info.context.signed_in()
    account_id = AccountId(uuid_of(input.account_id, "Account", field="accountId"))
    require(may_pay(info.context.subject, account_id))
    account = await hall.accounts.load(account_id)
    if account is None:
        raise RefusedError("access.not_your_account")
    alerts = hall.billing.bill_alerts.alerts
    if input.limit_fen is None:
        await alerts.remove(account_id)
        return BillAlertSet(limit=None)
    limit = Fen(input.limit_fen)
    require(may_be_limit(limit))
    await alerts.put(account_id, region=account.region, limit=limit)
    return BillAlertSet(limit=Money(fen=limit))
