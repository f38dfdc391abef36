"""How a bill moves: drafted, verified, held or issued, paid; and void where it was wrong."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from gridhall.billing.bills.model import Bill, BillStatus, Step


class Move(StrEnum):
    """What happens to a bill."""

    VERIFY = "verify"
    """Every rule of the review looked at it."""
    HOLD = "hold"
    """A rule found something."""
    ISSUE = "issue"
    """No rule found anything, or a reviewer released it."""
    REJECT = "reject"
    """A reviewer found it wrong."""
    PAY_PART = "pay_part"
    PAY_ALL = "pay_all"
    TAKE_BACK_PART = "take_back_part"
    """Money turned out not to have come; some of what is paid stays."""
    TAKE_BACK_ALL = "take_back_all"
    CANCEL = "cancel"
    """A credit note took it back."""
    GIVE_UP = "give_up"
    """Two persons decided that the rest will never be paid."""


_PAYING: Final = {
    Move.PAY_PART: BillStatus.PART_PAID,
    Move.PAY_ALL: BillStatus.PAID,
    Move.CANCEL: BillStatus.CANCELLED,
    Move.GIVE_UP: BillStatus.WRITTEN_OFF,
}
_TAKING_BACK: Final = {Move.TAKE_BACK_PART: BillStatus.PART_PAID, Move.TAKE_BACK_ALL: BillStatus.ISSUED}

MOVES: Final[Mapping[BillStatus, Mapping[Move, BillStatus]]] = {
    BillStatus.DRAFT: {Move.VERIFY: BillStatus.VERIFIED},
    BillStatus.VERIFIED: {Move.HOLD: BillStatus.HELD, Move.ISSUE: BillStatus.ISSUED},
    BillStatus.HELD: {Move.ISSUE: BillStatus.ISSUED, Move.REJECT: BillStatus.REJECTED},
    BillStatus.ISSUED: _PAYING,
    BillStatus.PART_PAID: {**_PAYING, **_TAKING_BACK},
    BillStatus.PAID: {Move.CANCEL: BillStatus.CANCELLED, **_TAKING_BACK},
    BillStatus.REJECTED: {},
    BillStatus.CANCELLED: {},
    BillStatus.WRITTEN_OFF: {},
}
"""Every move there is. A paid bill takes no more money: what comes is prepaid balance."""


def moved(bill: Bill, move: Move, *, at: datetime, by: str, **changes: Any) -> Bill:  # noqa: ANN401 - any field
    """Return a bill after a move up to its issue, with the step in its trail. Raises WrongMoveError.

    changes: of other fields that come with the move.
    """
    status = after(bill.status, move)
    return replace(bill, **{"status": status, "trail": (*bill.trail, Step(status, at, by)), **changes})


def after(status: BillStatus, move: Move) -> BillStatus:
    """Return the status to which a move leads. Raises WrongMoveError where there is no such move."""
    try:
        return MOVES[status][move]
    except KeyError:
        raise WrongMoveError(status, move) from None


class WrongMoveError(ValueError):
    """A bill was to move in a way that there is not; always a programming error."""

    def __init__(self, status: BillStatus, move: Move) -> None:
        allowed = ", ".join(MOVES[status]) or "nothing"
        super().__init__(f"a bill that is {status} cannot {move}; it can {allowed}")
