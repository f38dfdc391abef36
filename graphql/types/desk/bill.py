"""Bills as an agent sees them: held and rejected ones too, with what the review found and who decided."""

from datetime import date, datetime
from decimal import Decimal

import strawberry
from strawberry import relay

from gridhall.billing.accounts.model import Account
from gridhall.billing.bills import holds, model
from gridhall.graphql.context import Info
from gridhall.graphql.errors import RefusedError
from gridhall.graphql.types.bill import BillLine, BillRegister
from gridhall.graphql.types.desk.credit_note import DeskCreditNote
from gridhall.graphql.types.desk.node import DeskNode
from gridhall.graphql.types.explanation import BillExplanation, bill_explanation
from gridhall.graphql.types.money import Money
from gridhall.graphql.types.shadow import BillCharge, BillShadow, bill_shadow
from gridhall.kit.localdays import Month, local_day

strawberry.enum(holds.HoldMove, description="What is done about a held bill before it is released or rejected.")


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
    approved_by: str | None = strawberry.field(description="Where the amount asked for a second person.")


@strawberry.type(description="Something that was done about a held bill.")
class HoldStep:
    """Something that was done about a held bill."""

    what: holds.HoldMove
    at: datetime
    by: str
    note: str = strawberry.field(description="Why, or the new owner.")


@strawberry.type(description="The care of a bill that the review holds, or held.")
class Hold:
    """The care of a held bill."""

    due_on: date = strawberry.field(description="The last day on which it may wait: five working days.")
    owner: str | None
    awaits_approval: bool = strawberry.field(description="Whether its release waits for a second person.")
    steps: list[HoldStep]

    @classmethod
    def of(cls, hold: holds.Hold) -> "Hold":
        """Present a hold."""
        steps = [HoldStep(what=step.what, at=step.at, by=step.by, note=step.note) for step in hold.steps]
        return cls(due_on=hold.due_on, owner=hold.owner, awaits_approval=hold.awaits_approval, steps=steps)


@strawberry.type(description="Which review looked at a bill.")
class Checks:
    """Which review looked at a bill."""

    version: int = strawberry.field(description="Of its rules.")
    passed: int
    skipped: list[str] = strawberry.field(description="Rules that could not be asked: nothing to compare with.")


@strawberry.type(description="A bill came to a status, when, and who brought it there.")
class BillStep:
    """A step of a bill."""

    status: model.BillStatus
    at: datetime
    by: str = strawberry.field(description="A person's name, or `bill-run`.")


@strawberry.type(description="The bill of an account for a period, as the desk sees it.")
class DeskBill(DeskNode):
    """A bill as the desk sees it."""

    id: relay.NodeID[str]
    number: str
    account_number: str
    month: str = strawberry.field(description="Label of the period, like 2026-10.")
    sequence: int = strawberry.field(
        description="One more for each bill of the month that was rejected or cancelled before."
    )
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
    checks: Checks | None = strawberry.field(description="Null where it was not reviewed here.")
    hold: Hold | None
    decision: Decision | None
    kind: model.BillKind
    trail: list[BillStep] = strawberry.field(description="How it came to be issued, and by whom.")
    replaces: relay.GlobalID | None = strawberry.field(description="The cancelled bill in whose place it came.")
    origin: model.BillOrigin
    charges: list[BillCharge] = strawberry.field(description="Beside energy, as a supplier's billing system told them.")
    record: strawberry.Private[model.Bill]

    @strawberry.field(
        description="How it compares with what we compute; only of a bill of a supplier's billing system."
    )
    async def shadow(self, info: Info) -> BillShadow | None:
        """Return how it compares."""
        return await bill_shadow(info, self.record)

    @strawberry.field(description="What took it back; null unless it is cancelled.")
    async def credit_note(self, info: Info) -> DeskCreditNote | None:
        """Return the credit note."""
        if self.record.cancelled_by is None:
            return None
        note = await info.context.hall.credit_notes.load(self.record.cancelled_by)
        return DeskCreditNote.of(note) if note else None

    @strawberry.field(description="Whether its last day of payment is over and money is still asked for.")
    def overdue(self, info: Info) -> bool:
        """Say whether it is overdue today."""
        hall = info.context.hall
        return self.record.overdue(local_day(hall.clock.now(), hall.settings.time_zone))

    @strawberry.field(description="How it was calculated, for whoever has to check it or is asked about it.")
    async def explanation(self, info: Info) -> BillExplanation | None:
        """Explain the bill."""
        return await bill_explanation(info, self.record)

    @classmethod
    def of(cls, bill: model.Bill, *, account: Account) -> "DeskBill":
        """Present a bill to an agent who may see its account."""
        decision, checks = bill.decision, bill.checks
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
            checks=Checks(version=checks.version, passed=checks.passed, skipped=list(checks.skipped))
            if checks
            else None,
            hold=Hold.of(bill.hold) if bill.hold else None,
            decision=_decision(decision) if decision else None,
            origin=bill.origin,
            charges=[BillCharge.of(one) for one in bill.charges],
            record=bill,
            kind=bill.kind,
            trail=[BillStep(status=step.status, at=step.at, by=step.by) for step in bill.trail],
            replaces=relay.GlobalID("DeskBill", str(bill.replaces)) if bill.replaces else None,
        )


def _decision(one: model.Decision) -> Decision:
    return Decision(by=one.by, reason=one.reason, at=one.at, approved_by=one.approved_by)


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
