"""Settling provisional bills as a bill run comes by: what the next real read says of them is billed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.approvals.operations import Approvals
from gridhall.billing.bills.model import BILL_RUN, Bill, Finding
from gridhall.billing.cases.model import Case, CaseKind, case_of
from gridhall.billing.cases.operations import Cases, open_cases
from gridhall.billing.credits.operations import CannotRebill, Rebilled, Rebilling, rebill
from gridhall.kit.localdays import local_day

REASON: Final = "the next real read came"


@dataclass(frozen=True, slots=True)
class Settling:
    """What settling needs at hand."""

    rebilling: Rebilling
    approvals: Approvals
    cases: Cases


async def settle_provisional(*, settling: Settling, account_ids: Iterable[AccountId], now: datetime) -> int:
    """Settle the provisional bills of accounts whose next real read has come; return of how many.

    Each in a transaction of its own. Above the limit a person approves it first; where the review finds something in
    the new bills, somebody has to look and a case is opened. Idempotent: what is settled is not provisional any more.
    """
    issuing = settling.rebilling.issuing
    found = await issuing.bills.provisional(account_ids)
    bills = await issuing.bills.load(found.values())
    settled = 0
    for bill in bills.values():
        outcome = await rebill(
            rebilling=settling.rebilling,
            approvals=settling.approvals,
            bill_id=bill.id,
            reason=REASON,
            by=BILL_RUN,
            now=now,
        )
        settled += isinstance(outcome, Rebilled)
        if isinstance(outcome, CannotRebill) and outcome.findings:
            case = _case(bill, outcome.findings, zone=issuing.zone, now=now)
            await open_cases(settling.cases, [case])
    return settled


def _case(bill: Bill, findings: tuple[Finding, ...], *, zone: str, now: datetime) -> Case:
    numbers = tuple((f"{one.code}.{name}", value) for one in findings for name, value in one.evidence)
    return case_of(
        kind=CaseKind.BILL_QUESTIONED,
        key=f"catch_up:{bill.id}",
        region=bill.region,
        org_path=bill.org_path,
        account_id=bill.account_id,
        amount=bill.total,
        evidence=(("bill", bill.number), *numbers),
        now=now,
        today=local_day(now, zone),
    )
