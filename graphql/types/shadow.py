"""Bills that came from a supplier's billing system: what they charge beside energy, and how they compare with ours."""

from datetime import datetime
from decimal import Decimal

import strawberry

from gridhall.billing.bills import model as bills
from gridhall.billing.bills.charges import Charge, ChargeKind
from gridhall.billing.shadow import model
from gridhall.graphql.context import Info
from gridhall.graphql.types.money import Money

strawberry.enum(bills.BillOrigin, description="Who calculated a bill: we, or the supplier's billing system.")
strawberry.enum(ChargeKind, name="BillChargeKind", description="What is charged beside energy.")
strawberry.enum(model.Verdict, name="ShadowVerdict", description="What recomputing a supplier's bill came to.")


@strawberry.type(
    description="A charge of a supplier's bill beside energy: shown as it was told, never calculated here."
)
class BillCharge:
    """A charge beside energy."""

    kind: ChargeKind
    title: str = strawberry.field(description="As the supplier calls it.")
    quantity: Decimal | None
    unit: str = strawberry.field(description="kW, kVA, or empty.")
    price: Decimal | None = strawberry.field(description="Yuan a unit.")
    amount: Money

    @classmethod
    def of(cls, charge: Charge) -> "BillCharge":
        """Present a charge."""
        return cls(
            kind=charge.kind,
            title=charge.title,
            quantity=charge.quantity,
            unit=charge.unit,
            price=charge.price,
            amount=Money(fen=charge.amount),
        )


@strawberry.type(description="One thing on which the supplier's bill and ours are not of one mind.")
class ShadowDifference:
    """A difference."""

    what: str = strawberry.field(
        description="days, register.opening, register.closing, register.multiplier, register.kwh, line.kwh, "
        "line.price, line.amount or total."
    )
    where: str = strawberry.field(description="Which register or line; empty for the bill as a whole.")
    theirs: str | None = strawberry.field(description="Null where the supplier's bill does not have it.")
    ours: str | None = strawberry.field(description="Null where ours does not have it.")


@strawberry.type(description="A supplier's bill beside the same bill as we compute it from readings and tariff.")
class BillShadow:
    """How an imported bill compares with ours."""

    supplier_number: str
    revision: int = strawberry.field(description="How often the supplier said it: 1 as it first came.")
    verdict: model.Verdict
    agrees: bool | None = strawberry.field(description="Null where it could not be computed, or is not calculated.")
    why: str = strawberry.field(description="What is missing or not calculated, as a code; empty elsewhere.")
    our_total: Money | None
    differences: list[ShadowDifference]
    imported_by: str
    imported_at: datetime
    compared_at: datetime | None

    @classmethod
    def of(cls, record: model.Record) -> "BillShadow":
        """Present a record."""
        finding = record.finding
        said = {model.Verdict.VERIFIED: True, model.Verdict.DIFFERS: False}
        return cls(
            supplier_number=record.number,
            revision=record.revision,
            verdict=finding.verdict,
            agrees=said.get(finding.verdict),
            why=finding.why,
            our_total=None if finding.total is None else Money(fen=finding.total),
            differences=[
                ShadowDifference(what=one.what, where=one.where, theirs=one.theirs, ours=one.ours)
                for one in finding.differences
            ],
            imported_by=record.imported_by,
            imported_at=record.imported_at,
            compared_at=record.compared_at,
        )


async def bill_shadow(info: Info, bill: bills.Bill) -> BillShadow | None:
    """Return how a bill compares; None of our own, and of one that a later revision replaced."""
    if bill.origin is bills.BillOrigin.OWN:
        return None
    record = await info.context.hall.shadow_records.load(bill.id)
    return BillShadow.of(record) if record else None
