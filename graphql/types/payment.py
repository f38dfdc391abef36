"""Payments and refunds as their payer and the account's people see them."""

from datetime import datetime

import strawberry
from strawberry import relay

from gridhall.billing.accounts.model import Account, AccountId, masked_number
from gridhall.billing.payments import model
from gridhall.billing.refunds import model as refunds
from gridhall.graphql.context import Info
from gridhall.graphql.paging import checked_first, connection, instant_of
from gridhall.graphql.types.money import Money
from gridhall.kit.keyset import Before
from gridhall.kit.paging import Page, from_cursor

strawberry.enum(
    model.IntentStatus,
    name="PaymentState",
    description="Started; superseded by a newer one; closed, so that it cannot be confirmed any more; or paid.",
)
strawberry.enum(
    refunds.State,
    name="RefundState",
    description="Asked for, approved, accepted by the provider, done; or failed or refused: then the money is back.",
)
strawberry.enum(refunds.Way, name="RefundWay", description="How money goes back.")


@strawberry.type(description="What of a payment is for one account.")
class PaymentPart:
    """What of a payment is for one account."""

    account_number: str = strawberry.field(description="Masked: who pays for others learns no more.")
    amount: Money
    penalty: Money = strawberry.field(description="What of the amount is for late-payment penalties, as it was asked.")


@strawberry.type(description="A payment that the customer started.")
class Payment(relay.Node):
    """A payment that the customer started."""

    id: relay.NodeID[str]
    number: str = strawberry.field(description="Our number of it, as on the receipt.")
    amount: Money
    state: model.IntentStatus
    provider: str
    started_at: datetime
    parts: list[PaymentPart]

    @classmethod
    def of(cls, intent: model.Intent, accounts: dict[AccountId, Account]) -> "Payment":
        """Present an intent to whoever started it."""
        return cls(
            id=intent.number,
            number=intent.number,
            amount=Money(fen=intent.amount),
            state=intent.status,
            provider=intent.provider,
            started_at=intent.started_at,
            parts=parts_of(intent, accounts),
        )

    @classmethod
    def resolve_nodes(cls, *, info: Info, node_ids: list[str], required: bool = False) -> list["Payment | None"]:  # type: ignore[override]
        """Return nothing: payments are reached from the viewer who started them."""
        del info, required
        return [None for _ in node_ids]


@strawberry.type(description="Money on its way back to whoever paid it.")
class Refund:
    """Money on its way back."""

    number: str
    amount: Money
    way: refunds.Way
    state: refunds.State
    asked_at: datetime
    done_at: datetime | None

    @classmethod
    def of(cls, refund: refunds.Refund) -> "Refund":
        """Present a refund to the account's people."""
        return cls(
            number=refund.number,
            amount=Money(fen=refund.amount),
            way=refund.way,
            state=refund.state,
            asked_at=refund.asked_at,
            done_at=refund.done_at,
        )


def parts_of(intent: model.Intent, accounts: dict[AccountId, Account]) -> list[PaymentPart]:
    """Present what of an intent is for which account, masked."""
    return [
        PaymentPart(
            account_number=masked_number(accounts[part.account_id].number),
            amount=Money(fen=part.amount),
            penalty=Money(fen=part.penalty),
        )
        for part in intent.parts
    ]


async def own_payments(info: Info, first: int = 12, after: str | None = None) -> relay.Connection[Payment]:
    """Return a page of the payments that the caller started, newest first."""
    limit, hall, payer = checked_first(first), info.context.hall, info.context.signed_in()
    before = read_place(after) if after else None
    found = await hall.billing.payments.intents.of_payer(str(payer.id), before=before, limit=limit + 1)
    page = Page.cut(found, limit=limit, key=lambda one: f"{one.started_at.isoformat()} {one.number}")
    accounts = await hall.billing.accounts.load({part.account_id for one in page.items for part in one.parts})
    return connection(page.map(lambda one: Payment.of(one, accounts)), after=after)


def read_place(cursor: str) -> Before:
    """Read a cursor of an instant and a text. Raises RefusedError where it is none."""
    at, _, last = from_cursor(cursor).partition(" ")
    return instant_of(at), last
