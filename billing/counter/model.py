"""The counter (营业厅柜台): a cashier's shift, its receipts, and the cash that must be there at its end."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID, uuid5

from gridhall.billing.accounts.model import AccountId
from gridhall.kit.money import Fen
from gridhall.kit.subject import Refusal

ShiftId = NewType("ShiftId", UUID)
ReceiptNumber = NewType("ReceiptNumber", str)
"""The number printed on a receipt: day, till and a running number, like `20261103-7F3A2C9B04-0012`."""

DENOMINATIONS: Final = (10_000, 5_000, 2_000, 1_000, 500, 100, 50, 10, 5, 2, 1)
"""Notes and coins of the renminbi, in fen: down to one, so that whatever may be taken can be counted."""

MOST_CASH: Final = Fen(10_000_000)
"""100,000 yuan: more is not taken over a counter in one piece, nor does a shift begin with more."""

_NAMESPACE: Final = UUID("2b7b0f5e-90b6-5ab0-8f6d-6a1d4d1f0c31")


def good_cash(fen: int, *, field: str, least: int) -> Fen | Refusal:
    """Return an amount of cash from `least` fen to MOST_CASH, or the refusal that names the field and the bounds."""
    if least <= fen <= MOST_CASH:
        return Fen(fen)
    return Refusal("input.bad_amount", {"field": field, "least": least, "most": MOST_CASH})


class ShiftState(StrEnum):
    """Where a shift stands."""

    OPEN = "open"
    CLOSED = "closed"
    """Its cash was counted."""
    HANDED_OVER = "handed_over"
    """Another person has counted it too, and has taken it."""


class ReceiptState(StrEnum):
    """Where a receipt stands."""

    TAKEN = "taken"
    REVERSING = "reversing"
    """A second person has to approve that it is taken back."""
    REVERSED = "reversed"


@dataclass(frozen=True, slots=True)
class Shift:
    """A cashier's shift. A cashier has one at a time.

    cashier: the agent's name. float_fen: the change with which it began. taken, paid_out: cash that came in and that
    went out, reversals and refunds. receipts: how many were written. counted: how many of each denomination were there
    at the end.
    """

    id: ShiftId
    cashier: str
    region: str
    org_path: str
    opened_at: datetime
    float_fen: Fen
    state: ShiftState = ShiftState.OPEN
    taken: Fen = Fen(0)
    paid_out: Fen = Fen(0)
    receipts: int = 0
    counted: Mapping[int, int] | None = None
    closed_at: datetime | None = None
    handed_to: str | None = None
    handed_at: datetime | None = None

    @property
    def expected(self) -> Fen:
        """The cash that must be there."""
        return Fen(self.float_fen + self.taken - self.paid_out)

    @property
    def found(self) -> Fen | None:
        """The cash that was there; None before it was counted."""
        return None if self.counted is None else worth(self.counted)

    @property
    def difference(self) -> Fen | None:
        """What was there too much, or too little where below zero; None before it was counted."""
        return None if self.found is None else Fen(self.found - self.expected)

    def closed(self, counted: Mapping[int, int], *, now: datetime) -> "Shift":
        """Return it with its cash counted."""
        return replace(self, state=ShiftState.CLOSED, counted=dict(counted), closed_at=now)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Cash that was taken for an account. key: by which a repeated request is the same receipt."""

    number: ReceiptNumber
    shift_id: ShiftId
    key: str
    account_id: AccountId
    amount: Fen
    cashier: str
    taken_at: datetime
    to_bills: Fen = Fen(0)
    to_penalties: Fen = Fen(0)
    to_prepaid: Fen = Fen(0)
    state: ReceiptState = ReceiptState.TAKEN


def worth(counted: Mapping[int, int]) -> Fen:
    """Return what counted cash is worth. Raises BadCountError that names what is wrong."""
    for denomination, pieces in counted.items():
        if denomination not in DENOMINATIONS:
            raise BadCountError(
                f"{denomination} fen is no note or coin; there are {', '.join(map(str, DENOMINATIONS))}"
            )
        if pieces < 0:
            raise BadCountError(f"{denomination} fen: {pieces} pieces is below zero")
    return Fen(sum(denomination * pieces for denomination, pieces in counted.items()))


def shift_id(*, cashier: str, key: str) -> ShiftId:
    """Return the id of the shift that a cashier opens with a key: the same key is the same shift."""
    return ShiftId(uuid5(_NAMESPACE, f"{cashier} {key}"))


class BadCountError(ValueError):
    """Cash was counted in pieces that there are not."""
