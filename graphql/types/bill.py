"""Bills as a client sees them."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import strawberry
from strawberry import relay

from gridhall.billing.bills import model
from gridhall.billing.tariffs import catalogue
from gridhall.billing.tariffs.engine import Line
from gridhall.crm.access.policies import may_see_account
from gridhall.graphql.context import Info
from gridhall.graphql.types.credit_note import CreditNote
from gridhall.graphql.types.dispute import BillDispute, dispute_of
from gridhall.graphql.types.explanation import BillExplanation, bill_explanation
from gridhall.graphql.types.invoice import Invoice, invoice_of
from gridhall.graphql.types.money import Money
from gridhall.graphql.types.shadow import BillCharge
from gridhall.graphql.types.tariff import Tariff
from gridhall.kit.localdays import local_day

strawberry.enum(model.BillStatus, description="Where a bill stands.")
strawberry.enum(model.BillKind, description="What a bill stands on.")


@strawberry.type(description="One line of a bill: energy of a period at tier-1 price, or a higher tier's surcharge.")
class BillLine:
    """One line of a bill."""

    kind: str = strawberry.field(description="energy, surcharge, or allowance: what of the energy is free.")
    period: str | None = strawberry.field(description="Time-of-use period; null on a line of all of them.")
    tier: int
    kwh: Decimal
    price: Decimal = strawberry.field(description="Yuan a kWh, up to 8 decimals.")
    amount: Money
    tariff_version: str | None = strawberry.field(
        description="Names the version that says the price, where several held in the period."
    )
    from_day: date | None = strawberry.field(description="The days on which it held; null for the whole period.")
    to_day: date | None

    @classmethod
    def of(cls, line: Line) -> "BillLine":
        """Present a line."""
        return cls(
            kind=line.kind,
            period=line.period,
            tier=line.tier,
            kwh=line.kwh,
            price=line.price,
            amount=Money(fen=line.amount),
            tariff_version=line.version,
            from_day=line.days.start if line.days else None,
            to_day=line.days.end if line.days else None,
        )


@strawberry.type(description="A register at both ends of the period (起止示数), and the energy billed by it.")
class BillRegister:
    """What a bill stands on."""

    meter: str
    period: str
    opening: Decimal | None = strawberry.field(description="Null where no read was taken: an estimate.")
    closing: Decimal | None = strawberry.field(description="Null where no read was taken: an estimate.")
    multiplier: int
    kwh: Decimal
    estimated: bool = strawberry.field(description="Whether the energy is an estimate. Only of a provisional bill.")
    from_day: date | None = strawberry.field(description="Day at whose beginning the opening read holds.")
    to_day: date | None = strawberry.field(
        description="The same of the closing read. Where the days reach beyond the bill's, `kwh` is its share of them."
    )

    @classmethod
    def of(cls, row: model.RegisterRow) -> "BillRegister":
        """Present a register row."""
        return cls(
            meter=row.meter,
            period=row.period,
            opening=row.opening,
            closing=row.closing,
            multiplier=row.multiplier,
            kwh=row.kwh,
            estimated=row.estimated,
            from_day=row.days.start if row.days else None,
            to_day=row.days.end if row.days else None,
        )


@strawberry.type(description="A register read that a bill stands on, as it was known then.")
class BillReading:
    """A register read that a bill stands on."""

    meter: str
    day: date = strawberry.field(description="The local day at whose beginning it holds.")
    source: str = strawberry.field(description="remote, exchange, or the id of a read by a person.")
    quality: int = strawberry.field(description="Quality code of ESPI 4.0.")
    version: int = strawberry.field(description="How often the sender had said it anew.")


@strawberry.type(description="What the estimate of a provisional bill rests on.")
class BillEstimate:
    """What an estimate rests on."""

    method: str = strawberry.field(description="lunar_weeks_of_last_year or mean_of_last_bills.")
    from_day: date = strawberry.field(description="First of the days whose use was taken.")
    to_day: date = strawberry.field(description="First day after them.")


@strawberry.type(description="The bill of an account for a period.")
class Bill(relay.Node):
    """The bill of an account for a period."""

    id: relay.NodeID[str]
    number: str
    month: str = strawberry.field(description="Label of the period, like 2026-10.")
    from_day: date
    to_day: date = strawberry.field(description="First day after the period.")
    status: model.BillStatus
    kwh: Decimal = strawberry.field(description="Billed energy.")
    used_before: Decimal = strawberry.field(description="Energy of the tier cycle before this period.")
    total: Money
    paid: Money
    owed: Money
    issued_at: datetime | None
    due_on: date | None
    lines: list[BillLine]
    registers: list[BillRegister]
    kind: model.BillKind
    estimate: BillEstimate | None = strawberry.field(
        description="Only of a provisional bill; the next read settles it."
    )
    readings: list[BillReading] = strawberry.field(description="The register reads that it stands on.")
    replaces: relay.GlobalID | None = strawberry.field(description="The cancelled bill in whose place it came.")
    origin: model.BillOrigin = strawberry.field(
        description="IMPORTED where the supplier's system made it; so is its number."
    )
    charges: list[BillCharge] = strawberry.field(
        description="Beside energy, like demand and power factor. Shown as the supplier told them, not calculated here."
    )
    pdf_url: str = strawberry.field(description="The e-bill as PDF; ask with the same access token.")
    record: strawberry.Private[model.Bill]

    @strawberry.field(description="Whether its last day of payment is over and money is still asked for.")
    def overdue(self, info: Info) -> bool:
        """Say whether it is overdue today."""
        hall = info.context.hall
        return self.record.overdue(local_day(hall.clock.now(), hall.settings.time_zone))

    @strawberry.field(description="What took it back; null unless it is cancelled.")
    async def credit_note(self, info: Info) -> CreditNote | None:
        """Return the credit note."""
        if self.record.cancelled_by is None:
            return None
        note = await info.context.hall.credit_notes.load(self.record.cancelled_by)
        return CreditNote.of(note) if note else None

    @strawberry.field(description="Its newest digital invoice (数电发票); null where none was requested.")
    async def invoice(self, info: Info) -> Invoice | None:
        """Return the newest invoice."""
        return await invoice_of(info, self.record.id)

    @strawberry.field(description="The newest objection to it (电费异议) and its answer; null where there is none.")
    async def dispute(self, info: Info) -> BillDispute | None:
        """Return the newest objection."""
        return await dispute_of(info, self.record.id)

    @strawberry.field(description="How it was calculated, so that it can be checked with a pocket calculator.")
    async def explanation(self, info: Info) -> BillExplanation | None:
        """Explain the bill."""
        return await bill_explanation(info, self.record)

    @strawberry.field(
        description="The tariff version by which it was calculated; null of an imported bill whose tariff is not known."
    )
    def tariff(self, info: Info) -> Tariff | None:
        """Return the tariff version."""
        if not self.record.tariff_code:
            return None
        version = catalogue.version(self.record.tariff_code, on=self.record.tariff_from)
        return Tariff.of(version, info.context.language)

    @classmethod
    def of(cls, bill: model.Bill, *, public_url: str) -> "Bill":
        """Present a bill. Held bills are never presented to customers."""
        return cls(
            id=str(bill.id),
            number=bill.number,
            month=str(bill.month),
            from_day=bill.days.start,
            to_day=bill.days.end,
            status=bill.status,
            kwh=bill.kwh,
            used_before=bill.used_before,
            total=Money(fen=bill.total),
            paid=Money(fen=bill.paid),
            owed=Money(fen=bill.owed),
            issued_at=bill.issued_at,
            due_on=bill.due_on,
            lines=[BillLine.of(line) for line in bill.lines],
            registers=[BillRegister.of(row) for row in bill.registers],
            kind=bill.kind,
            estimate=BillEstimate(method=bill.basis.method, from_day=bill.basis.days.start, to_day=bill.basis.days.end)
            if bill.basis
            else None,
            readings=[
                BillReading(meter=one.meter, day=one.day, source=one.source, quality=one.quality, version=one.version)
                for one in bill.readings
            ],
            replaces=relay.GlobalID("Bill", str(bill.replaces)) if bill.replaces else None,
            origin=bill.origin,
            charges=[BillCharge.of(one) for one in bill.charges],
            pdf_url=f"{public_url}/v1/bills/{bill.id}.pdf",
            record=bill,
        )

    @classmethod
    async def resolve_nodes(  # type: ignore[override]
        cls, *, info: Info, node_ids: Iterable[str], required: bool = False
    ) -> list["Bill | None"]:
        """Return bills by id; null for those that are not there, or not for the caller's eyes."""
        del required
        return [await cls._visible(info, node_id) for node_id in node_ids]

    @classmethod
    async def _visible(cls, info: Info, node_id: str) -> "Bill | None":
        try:
            bill = await info.context.hall.bills.load(model.BillId(UUID(node_id)))
        except ValueError:
            return None
        if bill is None or not bill.status.shown:
            return None
        if may_see_account(info.context.subject, bill.account_id) is not True:
            return None
        return cls.of(bill, public_url=info.context.hall.settings.public_url)
