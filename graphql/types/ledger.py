"""The statement of an account, and its refunds: fields that the customer's and the desk's account share."""

from datetime import date, datetime

import strawberry
from strawberry import relay

from gridhall.billing.accounts import model
from gridhall.billing.bank.model import Mandate
from gridhall.billing.ledger.model import PostingKind
from gridhall.billing.ledger.statement import StatementLine, statement
from gridhall.graphql.context import Info
from gridhall.graphql.paging import checked_first, connection
from gridhall.graphql.types.money import Money
from gridhall.graphql.types.payment import Refund, read_place
from gridhall.kit.paging import Page

strawberry.enum(PostingKind, name="LedgerKind", description="Why money moved.")


@strawberry.type(description="Something that moved on an account, and what was owed and prepaid after it.")
class LedgerLine(relay.Node):
    """A line of the statement of account."""

    id: relay.NodeID[str]
    at: datetime
    kind: PostingKind
    text: str = strawberry.field(description="The kind in the caller's language.")
    owed: Money = strawberry.field(description="By how much it changed what is owed.")
    prepaid: Money = strawberry.field(description="By how much it changed what is prepaid.")
    owed_after: Money
    prepaid_after: Money

    @classmethod
    def of(cls, line: StatementLine, info: Info) -> "LedgerLine":
        """Present a line to somebody who may see the account."""
        context = info.context
        return cls(
            id=line.posting.key,
            at=line.posting.at,
            kind=line.posting.kind,
            text=context.hall.words.say(f"ledger.{line.posting.kind}", language=context.language),
            owed=Money(fen=line.change.owed),
            prepaid=Money(fen=line.change.prepaid),
            owed_after=Money(fen=line.after.owed),
            prepaid_after=Money(fen=line.after.prepaid),
        )

    @classmethod
    def resolve_nodes(cls, *, info: Info, node_ids: list[str], required: bool = False) -> list["LedgerLine | None"]:  # type: ignore[override]
        """Return nothing: lines are reached from their account."""
        del info, required
        return [None for _ in node_ids]


@strawberry.type(description="A signed authorisation to let the bank collect what is owed (代扣).")
class BankMandate:
    """A signed authorisation to let the bank collect."""

    bank: str
    card_end: str = strawberry.field(description="The last four digits of the card.")
    from_day: date
    to_day: date | None = strawberry.field(description="The first day on which it does not hold; null for none.")

    @classmethod
    def of(cls, mandate: Mandate) -> "BankMandate":
        """Present a mandate; of the card only its end."""
        return cls(bank=mandate.bank, card_end=mandate.card_end, from_day=mandate.from_day, to_day=mandate.until)


@strawberry.type
class LedgerFields:
    """What every account tells of its money."""

    record: strawberry.Private[model.Account]

    @strawberry.field(description="The statement of account: what moved, newest first, and what was owed after.")
    async def ledger(self, info: Info, first: int = 20, after: str | None = None) -> relay.Connection[LedgerLine]:
        """Return a page of the statement."""
        limit = checked_first(first)
        found = await statement(
            ledger=info.context.hall.billing.ledger,
            account_id=self.record.id,
            before=read_place(after) if after else None,
            limit=limit + 1,
        )
        page = Page.cut(found, limit=limit, key=lambda line: f"{line.posting.at.isoformat()} {line.posting.key}")
        return connection(page.map(lambda line: LedgerLine.of(line, info)), after=after)

    @strawberry.field(description="Refunds, the last asked for first, with how far each has come.")
    async def refunds(self, info: Info, first: int = 10) -> list[Refund]:
        """Return the newest refunds of the account."""
        refunds = info.context.hall.billing.refunds.refunds
        found = await refunds.page(self.record.id, before=None, limit=checked_first(first))
        return [Refund.of(one) for one in found]

    @strawberry.field(description="The mandate by which its bank collects what is owed; null where there is none.")
    async def bank_mandate(self, info: Info) -> BankMandate | None:
        """Return the open mandate of the account."""
        mandate = await info.context.hall.billing.collecting.mandates.open_of(self.record.id)
        return BankMandate.of(mandate) if mandate else None
