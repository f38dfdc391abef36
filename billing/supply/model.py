"""A request to the field system: what it is asked to do at a point, why, and how far it came."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID, uuid5

from gridhall.billing.accounts.model import Account, AccountId

SupplyRequestId = NewType("SupplyRequestId", UUID)

ARREARS: Final = "arrears"
BALANCE: Final = "balance"
"""What a supply is cut for, and a balance also what it is restored for, as `SupplyRequest.reason`."""

_NAMESPACE = UUID("5f0a8a94-6a0c-5b7e-8f0e-3a2f7a0d9b61")


class SupplyKind(StrEnum):
    """What is asked for."""

    DISCONNECT = "disconnect"
    RECONNECT = "reconnect"


class SupplyState(StrEnum):
    """How far a request came."""

    ASKED = "asked"
    """It waits to be taken by the field system."""
    ACKNOWLEDGED = "acknowledged"
    """The field system has it and is about to act."""
    DONE = "done"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    """Taken back by us before the field system took it."""


OPEN = frozenset({SupplyState.ASKED, SupplyState.ACKNOWLEDGED})


@dataclass(frozen=True, slots=True)
class SupplyRequest:
    """One request. It is made with its cause, in one transaction, and its id follows from them.

    not_before: before which it must not be carried out. due_by: by when it should be done, which is shown.
    reason: a code like `arrears`, `settled`, `balance`. reference: how the field system names it. by: who asked.
    tries: how often it was given back or left undone, and asked for again.
    """

    id: SupplyRequestId
    kind: SupplyKind
    account_id: AccountId
    point_id: UUID
    region: str
    org_path: str
    reason: str
    by: str
    asked_at: datetime
    not_before: datetime
    due_by: datetime | None = None
    state: SupplyState = SupplyState.ASKED
    changed_at: datetime | None = None
    reference: str = ""
    note: str = ""
    tries: int = 0

    def at(self, state: SupplyState, *, now: datetime, reference: str = "", note: str = "") -> "SupplyRequest":
        """Return it further on."""
        return replace(self, state=state, changed_at=now, reference=reference or self.reference, note=note or self.note)

    def again(self, *, now: datetime, not_before: datetime, note: str) -> "SupplyRequest":
        """Return it waiting anew, after it failed or was left undone."""
        waiting = self.at(SupplyState.ASKED, now=now, note=note)
        return replace(waiting, not_before=not_before, tries=self.tries + 1)


def requests_for(
    account: Account,
    *,
    kind: SupplyKind,
    cause: str,
    reason: str,
    by: str,
    now: datetime,
    not_before: datetime | None = None,
    due_by: datetime | None = None,
) -> list[SupplyRequest]:
    """Return one request a point that the account has now. cause: the same one asks for the same, once."""
    return [
        SupplyRequest(
            id=SupplyRequestId(uuid5(_NAMESPACE, f"{kind} {cause} {link.point_id}")),
            kind=kind,
            account_id=account.id,
            point_id=link.point_id,
            region=account.region,
            org_path=account.org_path,
            reason=reason,
            by=by,
            asked_at=now,
            not_before=not_before or now,
            due_by=due_by,
        )
        for link in account.points
        if link.to_day is None or link.to_day > now.date()
    ]
