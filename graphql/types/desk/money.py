"""Refunds, statements, unmatched money and counter shifts as cashiers and accountants see them."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

import strawberry
from strawberry import relay

from gridhall.billing.accounts.model import Account
from gridhall.billing.bank import model as bank
from gridhall.billing.counter import model as counter
from gridhall.billing.reconciliation import model as reconciliation
from gridhall.billing.refunds import model as refunds
from gridhall.crm.agents.money_policies import may_keep_books, may_see_books
from gridhall.crm.agents.policies import units_served
from gridhall.graphql.context import Info
from gridhall.graphql.paging import Places, connection, instant_of
from gridhall.graphql.types.desk.node import DeskNode
from gridhall.graphql.types.money import Money

strawberry.enum(counter.ShiftState, name="ShiftState", description="Where a shift stands.")
strawberry.enum(counter.ReceiptState, name="ReceiptState", description="Where a receipt stands.")
strawberry.enum(reconciliation.Difference, name="StatementDifference", description="How a statement and we differ.")


@strawberry.type(description="A refund as the desk sees it.")
class DeskRefund(DeskNode):
    """A refund as the desk sees it."""

    id: relay.NodeID[str]
    number: str
    account_number: str
    amount: Money
    way: refunds.Way
    state: refunds.State
    reason: str
    asked_by: str
    asked_at: datetime
    done_at: datetime | None
    reference: str | None = strawberry.field(description="The provider's, the bank's or the shift's number of it.")

    @classmethod
    def of(cls, refund: refunds.Refund, *, account: Account) -> "DeskRefund":
        """Present a refund to an agent who may see its account."""
        return cls(
            id=refund.number,
            number=refund.number,
            account_number=account.number,
            amount=Money(fen=refund.amount),
            way=refund.way,
            state=refund.state,
            reason=refund.reason,
            asked_by=refund.asked_by,
            asked_at=refund.asked_at,
            done_at=refund.done_at,
            reference=refund.reference,
        )


@strawberry.type(description="A note or a coin, and how many there were.")
class Counted:
    """A note or a coin, and how many there were."""

    denomination: int = strawberry.field(description="In fen.")
    pieces: int


@strawberry.type(description="A cashier's shift.")
class Shift(DeskNode):
    """A cashier's shift."""

    id: relay.NodeID[str]
    cashier: str
    state: counter.ShiftState
    opened_at: datetime
    closed_at: datetime | None
    float_money: Money = strawberry.field(description="The change with which it began.")
    taken: Money
    paid_out: Money
    receipts: int
    expected: Money = strawberry.field(description="The cash that must be there.")
    found: Money | None = strawberry.field(description="The cash that was there; null before it was counted.")
    difference: Money | None = strawberry.field(description="Too much, or too little where below zero.")
    counted: list[Counted]
    handed_to: str | None

    @classmethod
    def of(cls, shift: counter.Shift) -> "Shift":
        """Present a shift to its cashier, or to whoever takes its cash over."""
        return cls(
            id=str(shift.id),
            cashier=shift.cashier,
            state=shift.state,
            opened_at=shift.opened_at,
            closed_at=shift.closed_at,
            float_money=Money(fen=shift.float_fen),
            taken=Money(fen=shift.taken),
            paid_out=Money(fen=shift.paid_out),
            receipts=shift.receipts,
            expected=Money(fen=shift.expected),
            found=None if shift.found is None else Money(fen=shift.found),
            difference=None if shift.difference is None else Money(fen=shift.difference),
            counted=[Counted(denomination=one, pieces=pieces) for one, pieces in (shift.counted or {}).items()],
            handed_to=shift.handed_to,
        )


@strawberry.type(description="Transferred money of which nobody knows whose it is.")
class UnmatchedTransfer(DeskNode):
    """Transferred money of nobody."""

    id: relay.NodeID[str]
    serial: str = strawberry.field(description="The bank's number of it.")
    at: datetime
    amount: Money
    payer: str = strawberry.field(description="As the bank names the payer.")
    card_end: str = strawberry.field(description="The last digits of the payer's account.")
    text: str = strawberry.field(description="What the payer wrote (附言).")

    @classmethod
    def of(cls, transfer: bank.Transfer) -> "UnmatchedTransfer":
        """Present money of nobody to an accountant of its region."""
        row = transfer.row
        return cls(
            id=row.serial,
            serial=row.serial,
            at=row.at,
            amount=Money(fen=row.amount),
            payer=row.payer,
            card_end=row.payer_card[-4:],
            text=row.text,
        )


@strawberry.type(description="One difference between a statement and our books.")
class DifferenceFound:
    """One difference between a statement and our books."""

    difference: reconciliation.Difference
    number: str
    theirs: Money
    ours: Money


@strawberry.type(description="A provider's day, reconciled line by line.")
class Reconciliation(DeskNode):
    """A provider's day, reconciled."""

    id: relay.NodeID[str]
    provider: str
    day: date
    at: datetime
    lines: int
    theirs: Money = strawberry.field(description="The sum of their statement, refunds below zero.")
    ours: Money = strawberry.field(description="The sum that we have posted.")
    matched: int
    recovered: int = strawberry.field(description="Payments of which no callback had come, settled now.")
    differing: int
    differences: list[DifferenceFound] = strawberry.field(description="The first hundred; every one is a case.")

    @classmethod
    def of(cls, one: reconciliation.Reconciliation) -> "Reconciliation":
        """Present a provider's day to an accountant."""
        return cls(
            id=one.id,
            provider=one.provider,
            day=one.day,
            at=one.at,
            lines=one.lines,
            theirs=Money(fen=one.theirs),
            ours=Money(fen=one.ours),
            matched=one.matched,
            recovered=one.recovered,
            differing=one.differing,
            differences=[
                DifferenceFound(
                    difference=found.difference,
                    number=found.number,
                    theirs=Money(fen=found.theirs),
                    ours=Money(fen=found.ours),
                )
                for found in one.differences
            ],
        )


_REFUNDS: Final[Places[refunds.Refund, datetime, refunds.RefundNumber]] = Places(
    lambda one: (one.asked_at, one.number), instant_of, refunds.RefundNumber
)
_SHIFTS: Final[Places[counter.Shift, datetime, counter.ShiftId]] = Places(
    lambda one: (one.opened_at, one.id), instant_of, lambda text: counter.ShiftId(UUID(text))
)
_TRANSFERS: Final[Places[bank.Transfer, datetime, str]] = Places(
    lambda one: (one.row.at, one.row.serial), instant_of, str
)
_DAYS: Final[Places[reconciliation.Reconciliation, date, str]] = Places(
    lambda one: (one.day, one.id), date.fromisoformat, str
)


async def desk_refunds(
    info: Info,
    region: str,
    state: refunds.State = refunds.State.APPROVED,
    first: int = 20,
    after: str | None = None,
) -> relay.Connection[DeskRefund]:
    """Return a page of the refunds of a region that the agent may see, the oldest first."""
    billing, units = info.context.hall.billing, units_served(info.context.subject, region=region)
    found = billing.refunds.refunds
    page = await _REFUNDS.page(
        lambda place, limit: found.of_units(region=region, units=units, state=state, after=place, limit=limit),
        first=first,
        after=after,
    )
    accounts = await billing.accounts.load({one.account_id for one in page.items})
    return connection(page.map(lambda one: DeskRefund.of(one, account=accounts[one.account_id])), after=after)


async def shifts(
    info: Info,
    region: str,
    state: counter.ShiftState = counter.ShiftState.CLOSED,
    first: int = 20,
    after: str | None = None,
) -> relay.Connection[Shift]:
    """Return a page of the shifts of a region that the agent may see, the oldest first."""
    shifts, units = info.context.hall.billing.counter.shifts, units_served(info.context.subject, region=region)
    page = await _SHIFTS.page(
        lambda place, limit: shifts.page(region=region, units=units, state=state, after=place, limit=limit),
        first=first,
        after=after,
    )
    return connection(page.map(Shift.of), after=after)


async def own_shift(info: Info) -> Shift | None:
    """Return the shift that the agent who asks has open."""
    found = await info.context.hall.billing.counter.shifts.open_of(info.context.at_desk().name)
    return Shift.of(found) if found else None


async def unmatched_transfers(
    info: Info, region: str, first: int = 20, after: str | None = None
) -> relay.Connection[UnmatchedTransfer]:
    """Return a page of a region's money of nobody, the oldest first; empty for all but accountants of the region."""
    transfers = info.context.hall.billing.transfers.transfers
    keeps = may_keep_books(info.context.subject, region=region, org_path="") is True

    async def read(place: tuple[datetime, str] | None, limit: int) -> list[bank.Transfer]:
        return await transfers.waiting(region=region, after=place, limit=limit) if keeps else []

    page = await _TRANSFERS.page(read, first=first, after=after)
    return connection(page.map(UnmatchedTransfer.of), after=after)


async def reconciliations(info: Info, first: int = 20, after: str | None = None) -> relay.Connection[Reconciliation]:
    """Return a page of reconciled days, the newest first; empty for all but accountants and supervisors."""
    reconciled = info.context.hall.billing.reconciling.reconciliations
    sees = may_see_books(info.context.subject) is True

    async def read(place: tuple[date, str] | None, limit: int) -> list[reconciliation.Reconciliation]:
        return await reconciled.page(before=place, limit=limit) if sees else []

    page = await _DAYS.page(read, first=first, after=after)
    return connection(page.map(Reconciliation.of), after=after)
