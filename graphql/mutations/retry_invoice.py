"""Go on with an invoice that failed."""

from typing import Annotated

import strawberry
from strawberry import relay

from gridhall.billing.invoices.model import Invoice, InvoiceId
from gridhall.billing.invoices.operations import retry
from gridhall.crm.agents.billing_policies import may_see_to_cases
from gridhall.graphql.context import Info
from gridhall.graphql.errors import RefusedError, require
from gridhall.graphql.ids import uuid_of
from gridhall.graphql.mutations.refused import Refused, refused


@strawberry.type(description="The invoice is gone on with.")
class InvoiceRetried:
    """The invoice is gone on with."""

    bill_number: str


RetryInvoiceResult = Annotated[
    InvoiceRetried | Refused, strawberry.union("RetryInvoiceResult", description="What came of it.")
]


@strawberry.mutation(description="Go on with an invoice that failed, where it failed.")
async def retry_invoice(info: Info, id: relay.GlobalID) -> RetryInvoiceResult:
    """Go on with a failed invoice."""
    info.context.at_desk()
    hall = info.context.hall
    invoice_id = InvoiceId(uuid_of(id, "FailedInvoice", field="id"))
    invoice = (await hall.billing.invoicing.invoices.load([invoice_id])).get(invoice_id)
    if invoice is None:
        raise RefusedError("access.not_your_district")
    require(may_see_to_cases(info.context.subject, region=invoice.region, org_path=invoice.org_path))
    outcome = await retry(invoicing=hall.billing.invoicing, invoice_id=invoice_id, now=hall.clock.now())
    if isinstance(outcome, Invoice):
        return InvoiceRetried(bill_number=outcome.bill_number)
    return refused(outcome, info)
