"""Digital invoices (数电发票) as the account's people see them."""

from datetime import datetime

import strawberry

from gridhall.billing.bills.model import BillId
from gridhall.billing.invoices import model
from gridhall.graphql.context import Info
from gridhall.graphql.types.money import Money
from gridhall.kit.links import Bearer

strawberry.enum(model.State, name="InvoiceState", description="Where an invoice stands.")
strawberry.enum(model.TitleKind, name="InvoiceTitleKind", description="On whom an invoice is made out.")


@strawberry.type(description="The digital invoice of a bill.")
class Invoice:
    """The digital invoice of a bill."""

    id: strawberry.ID
    state: model.State
    title_kind: model.TitleKind
    title: str
    tax_number: str
    total: Money
    net: Money
    tax: Money = strawberry.field(description="The VAT in the total.")
    rate: str = strawberry.field(description="Of the VAT, like 0.13.")
    number: str | None = strawberry.field(description="20 digits; null until it is issued.")
    reversal_number: str | None = strawberry.field(description="Of the invoice in red (红字).")
    requested_at: datetime
    issued_at: datetime | None
    pdf_url: str | None = strawberry.field(description="A signed link that ends after some minutes.")
    ofd_url: str | None = strawberry.field(description="The same as OFD.")

    @classmethod
    def of(cls, one: model.Invoice, info: Info) -> "Invoice":
        """Present an invoice to somebody who may see its account."""
        return cls(
            id=strawberry.ID(str(one.id)),
            state=one.state,
            title_kind=one.title.kind,
            title=one.title.name,
            tax_number=one.title.tax_number,
            total=Money(fen=one.total),
            net=Money(fen=one.net),
            tax=Money(fen=one.tax),
            rate=str(one.rate),
            number=one.number or None,
            reversal_number=one.reversal_number or None,
            requested_at=one.requested_at,
            issued_at=one.issued_at,
            pdf_url=_link(one, "pdf", info),
            ofd_url=_link(one, "ofd", info),
        )


async def invoice_of(info: Info, bill_id: BillId) -> Invoice | None:
    """Return the newest invoice of a bill."""
    found = await info.context.hall.invoices_of.load(bill_id)
    return Invoice.of(found[0], info) if found else None


def _link(one: model.Invoice, form: model.Form, info: Info) -> str | None:
    hall, subject = info.context.hall, info.context.subject
    if not one.number or subject.id is None:
        return None
    link = hall.links.sign(
        f"/v1/invoices/{one.id}.{form}", {}, by=Bearer(subject.kind, subject.id), now=hall.clock.now()
    )
    return f"{hall.settings.public_url}{link.path}"
