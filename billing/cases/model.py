"""A case: a difference in bills or money that somebody must look into, with an owner and a day by which it is done."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID, uuid5

from gridhall.billing.accounts.model import AccountId
from gridhall.kit.money import Fen
from gridhall.kit.workdays import add_workdays

CaseId = NewType("CaseId", UUID)

WORKDAYS: Final = 5
"""A case is settled within so many working days. Source: the suppliers' service clock of a bill objection."""

SYSTEM: Final = "system"
"""Who opened a case."""

_NAMESPACE: Final = UUID("2c9f7d0a-6f11-5b0c-8d53-0f0f4a3b7e21")


class CaseKind(StrEnum):
    """What is different."""

    SHADOW_DIFFERENCE = "shadow_difference"
    """A bill of the system of record, and the same bill as computed here."""
    STATEMENT_DIFFERENCE = "statement_difference"
    """A provider's or a bank's statement, and our ledger."""
    SHIFT_DIFFERENCE = "shift_difference"
    """The cash of a counter shift, and what was taken in."""
    UNMATCHED_MONEY = "unmatched_money"
    """Money came, and nobody knows whose it is."""
    BILL_QUESTIONED = "bill_questioned"
    """An issued bill stands on readings that were corrected, or its customer objects."""
    SUPPLY_REQUEST = "supply_request"
    """The field system failed to do what it was asked, or is late with it."""


class CaseState(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    """Nobody's yet."""
    TAKEN = "taken"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was done about a case. by: an agent's name, or `system`."""

    at: datetime
    by: str
    state: CaseState
    note: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A difference that somebody must look into.

    key: what tells it from every other case: the same difference found again is the same case. amount: how much is
    in question, as found (ours less theirs, where there are two sides). evidence: names and values, as texts.
    due_on: the last day on which it may still be open. closing: why it was closed.
    """

    id: CaseId
    key: str
    kind: CaseKind
    region: str
    org_path: str
    account_id: AccountId | None
    amount: Fen
    evidence: tuple[tuple[str, str], ...]
    opened_at: datetime
    due_on: date
    owner: str | None = None
    state: CaseState = CaseState.OPEN
    closing: str = ""
    steps: tuple[Step, ...] = ()

    def taken(self, *, owner: str, by: str, now: datetime) -> "Case":
        """Return it in somebody's care."""
        step = Step(now, by, CaseState.TAKEN, "" if owner == by else owner)
        return replace(self, owner=owner, state=CaseState.TAKEN, steps=(*self.steps, step))

    def closed(self, *, by: str, reason: str, now: datetime) -> "Case":
        """Return it closed. Whoever closes a case that is nobody's was its owner."""
        step = Step(now, by, CaseState.CLOSED, reason)
        return replace(self, owner=self.owner or by, state=CaseState.CLOSED, closing=reason, steps=(*self.steps, step))


def case_id(key: str) -> CaseId:
    """Return the id of the case with a key."""
    return CaseId(uuid5(_NAMESPACE, key))


def case_of(
    *,
    kind: CaseKind,
    key: str,
    region: str,
    org_path: str = "",
    account_id: AccountId | None = None,
    amount: Fen = Fen(0),
    evidence: tuple[tuple[str, str], ...] = (),
    now: datetime,
    today: date,
) -> Case:
    """Return a new case, due in five working days; nothing is written."""
    return Case(
        id=case_id(key),
        key=key,
        kind=kind,
        region=region,
        org_path=org_path,
        account_id=account_id,
        amount=amount,
        evidence=evidence,
        opened_at=now,
        due_on=add_workdays(today, days=WORKDAYS),
        steps=(Step(now, SYSTEM, CaseState.OPEN),),
    )
