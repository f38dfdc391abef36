"""Bills as they were kept before readings, holds and debts."""

from typing import Final

from gridhall.billing.bills.model import FIRST_E_BILL, BillKind, BillOrigin, BillStatus
from gridhall.billing.schemas import path_of
from gridhall.kit.migrations import Besides
from gridhall.kit.mongo import Document
from gridhall.kit.units import units_above

_NEW: Final[Document] = {
    "uncounted_kwh": "0",
    "kind": BillKind.REGULAR,
    "origin": BillOrigin.OWN,
    "template": FIRST_E_BILL,
    "replaces": None,
    "cancelled_by": None,
    "readings": [],
    "trail": [],
}


def second_bill(first: Document, besides: Besides) -> Document:
    """Return the document of schema 2 of a bill of schema 1. What was noted in it since stays."""
    path = path_of(besides)
    second = {**_NEW, **first, "schema": 2, "org_path": path}
    if first["status"] == BillStatus.HELD:
        second["units"] = units_above(path)
    return second
