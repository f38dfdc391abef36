"""Credit notes: a bill that was issued is never changed; what was wrong is taken back, and billed anew."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID, uuid5

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.bills.model import Bill, BillId, CreditNoteId
from gridhall.kit.localdays import Month
from gridhall.kit.money import Fen

_NAMESPACE: Final = UUID("c3a7f0de-52a1-5f43-9c0b-6d7f9e0b7a15")


class Cause(StrEnum):
    """Why a bill was taken back."""

    REBILL = "rebill"
    """Somebody found it wrong: a reading, a tariff or a household was corrected."""
    TIERS = "tiers"
    """An earlier month of the tier cycle was billed anew, so this one's tiers or opening moved."""
    CATCH_UP = "catch_up"
    """It was provisional, and the next real read came."""
    SUPPLIER = "supplier"
    """The supplier's billing system sent another bill in its place."""


@dataclass(frozen=True, slots=True)
class CreditNote:
    """What takes an issued bill back. There is at most one a bill, and its id follows from the bill's.

    number: its own, in a series of its own. amount: the bill's total. to_prepaid: what had been paid of the bill; it
    is prepaid balance again, and pays the new bill. prepared_by, approved_by: names, or a rule's. replaced_by: the
    bill in the cancelled one's place.
    """

    id: CreditNoteId
    number: str
    cause: Cause
    reason: str
    bill_id: BillId
    bill_number: str
    replaced_by: BillId | None
    account_id: AccountId
    region: str
    org_path: str
    month: Month
    amount: Fen
    to_prepaid: Fen
    prepared_by: str
    approved_by: str
    issued_at: datetime


def credit_note_id(bill_id: BillId) -> CreditNoteId:
    """Return the id of a bill's credit note."""
    return CreditNoteId(uuid5(_NAMESPACE, str(bill_id)))


def credit_note(
    bill: Bill,
    *,
    replaced_by: Bill | None,
    cause: Cause,
    reason: str,
    prepared_by: str,
    approved_by: str,
    now: datetime,
) -> CreditNote:
    """Return the credit note of a bill as it stands now; nothing is written."""
    return CreditNote(
        id=credit_note_id(bill.id),
        number=f"R{bill.number}",
        cause=cause,
        reason=reason,
        bill_id=bill.id,
        bill_number=bill.number,
        replaced_by=replaced_by.id if replaced_by else None,
        account_id=bill.account_id,
        region=bill.region,
        org_path=bill.org_path,
        month=bill.month,
        amount=bill.total,
        to_prepaid=bill.paid,
        prepared_by=prepared_by,
        approved_by=approved_by,
        issued_at=now,
    )
