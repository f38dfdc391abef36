"""What carries out the approved requests of prepayment. A cut is one of arrears or of a balance, by its payload."""

from functools import partial

from gridhall.billing.approvals.model import Executor, Kind, Request
from gridhall.billing.prepayment import cutting, switching
from gridhall.billing.prepayment.following import REASON
from gridhall.billing.prepayment.room import Prepaying
from gridhall.kit.mongo import Transaction


def prepaid_executors(prepaying: Prepaying, *, disconnect: Executor) -> dict[Kind, Executor]:
    """Return what carries requests out. disconnect: does so with the cuts of arrears."""
    of_balance: Executor = partial(cutting.carry_out, prepaying)
    return {
        Kind.SWITCH_MODE: partial(switching.carry_out, prepaying),
        Kind.DISCONNECT: partial(_by_cause, of_balance, disconnect),
    }


def prepaid_dismissals(prepaying: Prepaying, *, disconnect: Executor) -> dict[Kind, Executor]:
    """Return what becomes of requests that are refused."""
    of_balance: Executor = partial(cutting.decline, prepaying)
    return {Kind.DISCONNECT: partial(_by_cause, of_balance, disconnect)}


async def _by_cause(of_balance: Executor, of_arrears: Executor, request: Request, transaction: Transaction) -> None:
    chosen = of_balance if request.payload.get("cause") == REASON else of_arrears
    await chosen(request, transaction)
