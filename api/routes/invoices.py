"""Digital invoices as files, by a signed link or the caller's token; the tax platform keeps them."""

from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from gridhall.api.problems import ProblemError
from gridhall.api.state import agent_of, customer_of, state_of
from gridhall.billing.invoices.model import Form, Invoice, InvoiceId
from gridhall.billing.invoices.port import TaxUnavailableError
from gridhall.crm.access.policies import may_see_account
from gridhall.crm.agents.model import Agent, AgentId
from gridhall.crm.agents.policies import may_serve
from gridhall.crm.customers.model import Customer, CustomerId
from gridhall.kit.subject import SubjectKind

router = APIRouter(prefix="/v1/invoices", tags=["invoices"])

MEDIA: Final = {"pdf": "application/pdf", "ofd": "application/ofd"}


@router.get("/{invoice_id}.{form}", response_class=Response)
async def invoice_file(request: Request, invoice_id: UUID, form: Form) -> Response:
    """Return an issued invoice; one that is not the caller's looks like one that is not there."""
    state = state_of(request)
    caller = await _caller(request)
    if caller is None:
        raise ProblemError("access.sign_in_first", headers={"WWW-Authenticate": "Bearer"})
    found = await state.hall.billing.invoicing.invoices.load([InvoiceId(invoice_id)])
    invoice = found.get(InvoiceId(invoice_id))
    if invoice is None or not invoice.number or not _may_see(caller, invoice):
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


async def _caller(request: Request) -> Customer | Agent | None:
    """Return who signed the link or whose token it is; what a link says is judged by today's rights."""
    state = state_of(request)
    if "signature" not in request.query_params:
        return await customer_of(request) or await agent_of(request)
    bearer = state.hall.links.read(f"{request.url.path}?{request.url.query}", now=state.clock.now())
    if bearer is None:
        raise ProblemError("usage.link_ended")
    if bearer.kind is SubjectKind.AGENT:
        return await state.agents.load(AgentId(bearer.id))
    return await state.customers.load(CustomerId(bearer.id))


def _may_see(caller: Customer | Agent, invoice: Invoice) -> bool:
    subject = caller.as_subject()
    if isinstance(caller, Agent):
        return may_serve(subject, region=invoice.region, org_path=invoice.org_path) is True
    return may_see_account(subject, invoice.account_id) is True
