"""An agreement: what a customer in arrears is to pay until when. One rate is a promise, several are a plan."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.arrears.model import Debt
from gridhall.billing.arrears.policies import Policy
from gridhall.billing.bills.model import BillId
from gridhall.kit.money import Fen
from gridhall.kit.subject import Refusal

AgreementId = NewType("AgreementId", UUID)

FEWEST_RATES: Final = 2
NOTHING_OWED: Final = Refusal("arrears.nothing_owed")
ONE_AT_A_TIME: Final = Refusal("arrears.agreed_before")


class AgreementKind(StrEnum):
    """What was agreed."""

    PROMISE = "promise"
    PLAN = "plan"


class AgreementState(StrEnum):
    """What became of it."""

    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Rate:
    """What is to be paid by the end of a day."""

    due_on: date
    amount: Fen


@dataclass(frozen=True, slots=True)
class Agreement:
    """What is to be paid of some bills, and until when; while it is kept, nothing harsher happens.

    owed: what was owed of the bills, without penalties, when it was made; the rates sum to it. made_by: an agent's
    name, or `customer`.
    """

    id: AgreementId
    kind: AgreementKind
    account_id: AccountId
    region: str
    org_path: str
    bill_ids: tuple[BillId, ...]
    owed: Fen
    rates: tuple[Rate, ...]
    made_by: str
    made_at: datetime
    state: AgreementState = AgreementState.OPEN
    ended_at: datetime | None = None

    def next_due(self, *, paid: Fen) -> date | None:
        """Return until when the next rate is to be paid; None where all of them are."""
        before = 0
        for rate in self.rates:
            before += rate.amount
            if paid < before:
                return rate.due_on
        return None

    def judged(self, *, paid: Fen, today: date) -> AgreementState:
        """Return what has become of it by today, given what was paid of its bills since it was made."""
        due = self.next_due(paid=paid)
        if due is None:
            return AgreementState.KEPT
        return AgreementState.BROKEN if due < today else AgreementState.OPEN

    def ended(self, state: AgreementState, *, now: datetime) -> "Agreement":
        """Return it as kept or broken."""
        return replace(self, state=state, ended_at=now)


def paid_of(agreement: Agreement, debts: Iterable[Debt]) -> Fen:
    """Return what was paid of an agreement's bills since it was made. A bill that is no debt any more is paid."""
    left = sum(debt.owed for debt in debts if debt.bill_id in agreement.bill_ids)
    return Fen(agreement.owed - left)


def promise_rates(debts: Sequence[Debt], *, by_day: date, rules: Policy, today: date) -> tuple[Rate, ...] | Refusal:
    """Return the one rate of a promise: all that is overdue, by a day that the policy allows."""
    last = rules.promise_days
    if not today <= by_day or (by_day - today).days > last:
        return Refusal("arrears.promise_too_far", {"days": last})
    owed = Fen(sum(debt.owed for debt in debts if debt.overdue(today)))
    return (Rate(by_day, owed),) if owed else NOTHING_OWED


def plan_rates(
    debts: Sequence[Debt], *, days: Sequence[date], rules: Policy, today: date
) -> tuple[Rate, ...] | Refusal:
    """Return the rates of a plan: what is overdue in equal parts, the odd fen with the first."""
    in_order = sorted(set(days)) == list(days) and bool(days) and days[0] >= today
    if not in_order or not FEWEST_RATES <= len(days) <= rules.plan_rates:
        return Refusal("arrears.bad_plan", {"most": rules.plan_rates})
    owed = sum(debt.owed for debt in debts if debt.overdue(today))
    if owed < len(days):
        return NOTHING_OWED
    part, odd = divmod(owed, len(days))
    return tuple(Rate(day, Fen(part + (odd if not number else 0))) for number, day in enumerate(days))
