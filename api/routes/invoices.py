"""Digital invoices as files, by a signed link or the caller's token; the tax platform keeps them."""

from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from gridhall.api.callers import caller_of, may_see_file
from gridhall.api.problems import ProblemError
from gridhall.api.state import state_of
from gridhall.billing.invoices.model import Form, InvoiceId
from gridhall.billing.invoices.port import TaxUnavailableError

router = APIRouter(prefix="/v1/invoices", tags=["invoices"])

MEDIA: Final = {"pdf": "application/pdf", "ofd": "application/ofd"}


@router.get("/{invoice_id}.{form}", response_class=Response)
async def invoice_file(request: Request, invoice_id: UUID, form: Form) -> Response:
    """Return an issued invoice; one that is not the caller's looks like one that is not there."""
    state = state_of(request)
    caller = await caller_of(request)
    found = await state.hall.billing.invoicing.invoices.load([InvoiceId(invoice_id)])
    invoice = found.get(InvoiceId(invoice_id))
    if (
        invoice is None
        or not invoice.number
        or not may_see_file(caller, account_id=invoice.account_id, region=invoice.region, org_path=invoice.org_path)
    ):
        raise ProblemError("not_found")
    try:
        content = await state.tax.download(invoice.number, form=form)
    except TaxUnavailableError:
        raise ProblemError("unavailable", headers={"Retry-After": "30"}) from None
    return Response(
        content,
        media_type=MEDIA[form],
        headers={
            "Content-Disposition": f'inline; filename="invoice-{invoice.number}.{form}"',
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )
