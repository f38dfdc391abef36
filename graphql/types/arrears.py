"""Arrears as the customer of an account sees them: where it stands, and what is owed beside the bills."""

from datetime import date

import strawberry

from gridhall.billing.accounts import model
from gridhall.billing.arrears.following import outstanding_penalties
from gridhall.billing.arrears.states import State
from gridhall.billing.supply.model import SupplyKind
from gridhall.graphql.context import Info
from gridhall.graphql.types.money import Money
from gridhall.kit.localdays import local_day
from gridhall.kit.money import Fen

strawberry.enum(State, name="ArrearsState", description="Where an account stands in its arrears.")

_TO_CUSTOMERS = {State.DISCONNECTION_PROPOSED: State.NOTICE_SERVED}
"""What is only thought of within the supplier is not told before somebody decides on it."""


@strawberry.type(description="Where an account stands in its arrears.")
class Arrears:
    """Where an account stands in its arrears."""

    state: State
    overdue: Money = strawberry.field(description="Of bills, without penalties.")
    penalty: Money = strawberry.field(description="Late-payment penalties by the end of today, beside the bills.")
    oldest_due: date | None
    pay_until: date | None = strawberry.field(description="The next day of a promise or a plan.")
    supply_back_by: str | None = strawberry.field(
        description="Until when a supply that was cut is to be restored (ISO 8601); null where none is asked for."
    )


@strawberry.type
class ArrearsFields:
    """What every account tells of its arrears."""

    record: strawberry.Private[model.Account]

    @strawberry.field(description="Where the account stands in its arrears.")
    async def arrears(self, info: Info) -> Arrears:
        """Return where the account stands."""
        hall, account_id = info.context.hall, self.record.id
        following, today = hall.billing.arrears.following, local_day(hall.clock.now(), hall.settings.time_zone)
        debts = await following.debts.of_accounts([account_id])
        pursuit = (await following.pursuits.load([account_id])).get(account_id)
        state = pursuit.state if pursuit else State.CURRENT
        if not debts and state is State.CURRENT:
            return Arrears(
                state=state,
                overdue=Money(fen=Fen(0)),
                penalty=Money(fen=Fen(0)),
                oldest_due=None,
                pay_until=None,
                supply_back_by=None,
            )
        penalties = await outstanding_penalties(following=following, account_id=account_id, today=today)
        late = [debt for debt in debts if debt.overdue(today)]
        agreeing = hall.billing.follow_up.agreeing
        agreed = await agreeing.agreements.of_accounts([account_id], open_only=True, limit=1)
        back = await following.supply.open_of(account_id, kind=SupplyKind.RECONNECT)
        due_by = min((one.due_by for one in back if one.due_by), default=None)
        return Arrears(
            state=_TO_CUSTOMERS.get(state, state),
            overdue=Money(fen=Fen(sum(debt.owed for debt in late))),
            penalty=Money(fen=Fen(sum(penalties.values()))),
            oldest_due=min((debt.due_on for debt in late), default=None),
            pay_until=min((rate.due_on for rate in agreed[0].rates if rate.due_on >= today), default=None)
            if agreed
            else None,
            supply_back_by=due_by.isoformat() if due_by else None,
        )
