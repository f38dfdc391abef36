"""What carries out the approved requests of prepayment, and what becomes of those that are refused."""

from functools import partial

from gridhall.billing.approvals.model import Executor, Kind
from gridhall.billing.prepayment import cutting, switching
from gridhall.billing.prepayment.room import Prepaying


def prepaid_executors(prepaying: Prepaying) -> dict[Kind, Executor]:
    """Return what carries requests out."""
    return {
        Kind.SWITCH_MODE: partial(switching.carry_out, prepaying),
        Kind.BALANCE_CUT: partial(cutting.carry_out, prepaying),
    }


def prepaid_dismissals(prepaying: Prepaying) -> dict[Kind, Executor]:
    """Return what becomes of requests that are refused: a cut that is not made is proposed no more today."""
    return {Kind.BALANCE_CUT: partial(cutting.decline, prepaying)}
