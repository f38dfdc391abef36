"""Bills as an agent sees them: held and rejected ones too, with what the review found and who decided."""

from datetime import date, datetime
from decimal import Decimal

import strawberry
from strawberry import relay

from gridhall.billing.accounts.model import Account
from gridhall.billing.bills import model
from gridhall.graphql.errors import RefusedError
from gridhall.graphql.types.bill import BillLine, BillRegister
from gridhall.graphql.types.desk.node import DeskNode
from gridhall.graphql.types.money import Money
from gridhall.kit.localdays import Month


@strawberry.type(description="A number that a finding rests on.")
class Evidence:
    """A number that a finding rests on."""

    name: str
    value: str


@strawberry.type(description="What the review found.")
class Finding:
    """What the review found."""

    code: str
    evidence: list[Evidence]


@strawberry.type(description="Who released or rejected a held bill, and why.")
class Decision:
    """Who decided on a held bill."""

    by: str
    reason: str
    at: datetime


@strawberry.type(description="The bill of an account for a period, as the desk sees it.")
class DeskBill(DeskNode):
    """A bill as the desk sees it."""

    id: relay.NodeID[str]
    number: str
    account_number: str
    month: str = strawberry.field(description="Label of the period, like 2026-10.")
    sequence: int = strawberry.field(description="One more for each bill of the month that was rejected before.")
    from_day: date
    to_day: date = strawberry.field(description="First day after the period.")
    status: model.BillStatus
    kwh: Decimal
    total: Money
    paid: Money
    owed: Money
    made_at: datetime
    issued_at: datetime | None
    due_on: date | None
    lines: list[BillLine]
    registers: list[BillRegister]
    findings: list[Finding]
    decision: Decision | None

    @classmethod
    def of(cls, bill: model.Bill, *, account: Account) -> "DeskBill":
        """Present a bill to an agent who may see its account."""
        decision = bill.decision
        return cls(
            id=str(bill.id),
            number=bill.number,
            account_number=account.number,
            month=str(bill.month),
            sequence=bill.sequence,
            from_day=bill.days.start,
            to_day=bill.days.end,
            status=bill.status,
            kwh=bill.kwh,
            total=Money(fen=bill.total),
            paid=Money(fen=bill.paid),
            owed=Money(fen=bill.owed),
            made_at=bill.made_at,
            issued_at=bill.issued_at,
            due_on=bill.due_on,
            lines=[BillLine.of(line) for line in bill.lines],
            registers=[BillRegister.of(row) for row in bill.registers],
            findings=[
                Finding(code=one.code, evidence=[Evidence(name=name, value=value) for name, value in one.evidence])
                for one in bill.findings
            ],
            decision=Decision(by=decision.by, reason=decision.reason, at=decision.at) if decision else None,
        )


def position_of(bill: model.Bill) -> str:
    """Return the key after which the next page of an account's bills begins."""
    return f"{bill.month} {bill.sequence}"


def read_position(key: str) -> tuple[Month, int]:
    """Read such a key. Raises RefusedError where it is none."""
    try:
        month, sequence = key.split(" ")
        return Month.parse(month), int(sequence[:6])
    except ValueError:
        raise RefusedError("input.bad_cursor") from None
