"""E-bills as PDF, for whoever may see the account."""

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from gridhall.api.problems import ProblemError
from gridhall.api.state import customer_of, state_of
from gridhall.billing.bills.model import BillId
from gridhall.crm.access.policies import may_see_account

router = APIRouter(prefix="/v1/bills", tags=["bills"])


@router.get("/{bill_id}.pdf", response_class=Response)
async def e_bill(request: Request, bill_id: UUID) -> Response:
    """Return the e-bill; a bill that is not the caller's looks like one that is not there."""
    state = state_of(request)
    customer = await customer_of(request)
    if customer is None:
        raise ProblemError("access.sign_in_first", headers={"WWW-Authenticate": "Bearer"})
    bill = await state.hall.bills.load(BillId(bill_id))
    if bill is None or bill.issued_at is None or may_see_account(customer.as_subject(), bill.account_id) is not True:
        raise ProblemError("not_found")
    content = await state.hall.post_room.ebills.pdf(bill.id)
    return Response(
        content,
        media_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="e-bill-{bill.month}.pdf"',
            "Cache-Control": "private, max-age=3600",
        },
    )
