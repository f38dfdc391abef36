"""Request the digital invoice of a paid bill."""

from typing import Annotated

import strawberry
from strawberry import relay

from gridhall.billing.bills.model import BillId
from gridhall.billing.invoices.model import Title, TitleKind, good_title
from gridhall.billing.invoices.operations import request
from gridhall.crm.access.policies import may_pay
from gridhall.graphql.context import Info
from gridhall.graphql.errors import RefusedError, require
from gridhall.graphql.ids import uuid_of
from gridhall.graphql.mutations.refused import Refused, refused
from gridhall.graphql.types.invoice import Invoice
from gridhall.kit.subject import Refusal


@strawberry.input(description="On whom an invoice is made out (抬头).")
class InvoiceTitleInput:
    """On whom an invoice is made out."""

    kind: TitleKind
    name: str = strawberry.field(description="1 to 100 characters.")
    tax_number: str = strawberry.field(default="", description="Of a firm: 15, 18 or 20 characters. Of a person none.")


@strawberry.input(description="Which bill, and on whom.")
class RequestInvoiceInput:
    """Which bill, and on whom."""

    bill_id: relay.GlobalID
    title: InvoiceTitleInput | None = strawberry.field(
        default=None, description="Absent: that of the reversed invoice of the bill in whose place this one came."
    )


@strawberry.type(
    description="The invoice is requested; a message tells when it is issued. Asked for again it is the same."
)
class InvoiceRequested:
    """The invoice is requested."""

    invoice: Invoice


RequestInvoiceResult = Annotated[
    InvoiceRequested | Refused, strawberry.union("RequestInvoiceResult", description="What came of the request.")
]


@strawberry.mutation(description="Request the digital invoice (数电发票) of a paid bill. For owners and members.")
async def request_invoice(info: Info, input: RequestInvoiceInput) -> RequestInvoiceResult:
    """Request an invoice."""
    hall, customer = info.context.hall, info.context.signed_in()
    bill_id = BillId(uuid_of(input.bill_id, "Bill", field="billId"))
    bill = (await hall.billing.bills.load([bill_id])).get(bill_id)
    if bill is None or not bill.status.shown:
        raise RefusedError("access.not_your_account")
    require(may_pay(info.context.subject, bill.account_id))
    title: Title | None = None
    if input.title is not None:
        told = good_title(input.title.kind, input.title.name, input.title.tax_number)
        if isinstance(told, Refusal):
            return refused(told, info)
        title = told
    outcome = await request(
        invoicing=hall.billing.invoicing, bill=bill, title=title, by=customer.id, now=hall.clock.now()
    )
    if isinstance(outcome, Refusal):
        return refused(outcome, info)
    return InvoiceRequested(invoice=Invoice.of(outcome, info))
