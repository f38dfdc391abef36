"""Consent to be topped up automatically, and take that back."""

from typing import Annotated

import strawberry
from strawberry import relay

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.prepayment.consenting import consent
from gridhall.billing.prepayment.top_ups import TopUpConsent
from gridhall.crm.access.policies import may_let_collect, may_pay
from gridhall.graphql.context import Info
from gridhall.graphql.errors import require
from gridhall.graphql.ids import uuid_of
from gridhall.graphql.mutations.refused import Refused, refused
from gridhall.graphql.types.prepayment import AutoTopUp
from gridhall.kit.money import Fen
from gridhall.kit.subject import Refusal


@strawberry.input(description="When, and how much, is collected by the account's bank mandate.")
class SetAutoTopUpInput:
    """When, and how much, is collected."""

    account_id: relay.GlobalID
    below_fen: int = strawberry.field(description="The balance under which it is collected: 0 or more.")
    amount_fen: int = strawberry.field(description="1,000 to 500,000.")
    daily_most_fen: int = strawberry.field(description="The most of a day: the amount or more, up to 500,000.")


@strawberry.type(description="The consent that holds now; null once it was taken back.")
class AutoTopUpSet:
    """The consent that holds now."""

    auto_top_up: AutoTopUp | None


SetAutoTopUpResult = Annotated[
    AutoTopUpSet | Refused, strawberry.union("SetAutoTopUpResult", description="What came of consenting.")
]


@strawberry.mutation(
    description="Consent that money is collected by the bank mandate (代扣) where the balance runs low. It takes the "
    "place of the consent before. For owners."
)
async def set_auto_top_up(info: Info, input: SetAutoTopUpInput) -> SetAutoTopUpResult:
    """Consent to be topped up."""
    hall, customer = info.context.hall, info.context.signed_in()
    account_id = AccountId(uuid_of(input.account_id, "Account", field="accountId"))
    require(may_let_collect(info.context.subject, account_id))
    now = hall.clock.now()
    wish = TopUpConsent(
        account_id, Fen(input.below_fen), Fen(input.amount_fen), Fen(input.daily_most_fen), customer.id, now
    )
    mandates = hall.billing.collecting.mandates
    outcome = await consent(prepaying=hall.billing.prepaying, mandates=mandates, wish=wish, now=now)
    if isinstance(outcome, Refusal):
        return refused(outcome, info)
    return AutoTopUpSet(auto_top_up=AutoTopUp.of(outcome))


@strawberry.mutation(
    description="Take the consent to be topped up back, from the next collection on. For owners and members."
)
async def revoke_auto_top_up(info: Info, account_id: relay.GlobalID) -> AutoTopUpSet:
    """Take the consent back."""
    hall, _ = info.context.hall, info.context.signed_in()
    whose = AccountId(uuid_of(account_id, "Account", field="accountId"))
    require(may_pay(info.context.subject, whose))
    await hall.billing.prepaying.consents.revoke(whose, now=hall.clock.now())
    return AutoTopUpSet(auto_top_up=None)
