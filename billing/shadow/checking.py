"""Recomputing imported bills from readings and tariff; where they differ, a case says so with the evidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from gridhall.billing.accounts.model import Account
from gridhall.billing.bills.drafting import draft
from gridhall.billing.bills.issuing import Issuing
from gridhall.billing.bills.model import Bill
from gridhall.billing.cases.model import SYSTEM, Case, CaseKind, case_id, case_of
from gridhall.billing.cases.operations import Cases, close, open_cases
from gridhall.billing.regions import regions
from gridhall.billing.shadow.comparing import Tolerance, compare
from gridhall.billing.shadow.model import Finding, Record, Verdict
from gridhall.billing.shadow.repository import ShadowRepository
from gridhall.billing.waits.model import Waiting
from gridhall.kit.localdays import Month, local_day
from gridhall.kit.money import Fen, yuan

MONTHS_BACK: Final = 3
"""So many months before this one are looked at every night: what is older asks for a person."""

CHUNK: Final = 200
"""Bills that are recomputed at once."""


@dataclass(frozen=True, slots=True)
class Checking:
    """What recomputing needs at hand."""

    issuing: Issuing
    cases: Cases
    records: ShadowRepository
    tolerance: Tolerance


async def check(*, checking: Checking, records: Sequence[Record], now: datetime) -> list[Finding]:
    """Recompute imported bills, note what was found, and open a case for each that differs; in the order given.

    Idempotent: the same difference is the same case, also after it was closed. A difference that is gone, or another
    one by now, closes its case.
    """
    if not records:
        return []
    issuing = checking.issuing
    bills = await issuing.bills.load([record.bill_id for record in records])
    accounts = await issuing.accounts.load({record.account_id for record in records})
    found: dict[str, Finding] = {}
    for month in sorted({record.month for record in records}):
        of_month = [record for record in records if record.month == month]
        drafts = await _drafts(checking, [accounts[one.account_id] for one in of_month], month=month, now=now)
        for record, ours in zip(of_month, drafts, strict=True):
            found[record.key] = compare(bills[record.bill_id], ours, tolerance=checking.tolerance)
    await checking.records.note({one.key: (one.revision, found[one.key]) for one in records}, now=now)
    opened = [_case(checking, one, found[one.key], now=now) for one in records if found[one.key].differences]
    await open_cases(checking.cases, opened)
    for record in records:
        if record.finding.differences != found[record.key].differences:
            await settle_case(checking=checking, record=record, reason="recomputed", now=now)
    return [found[record.key] for record in records]


async def settle_case(*, checking: Checking, record: Record, reason: str, now: datetime) -> None:
    """Close the case of a difference that is no more, where there is one."""
    if record.finding.differences:
        id_ = case_id(_case_key(record, record.finding))
        await close(cases=checking.cases, case_id=id_, by=SYSTEM, reason=reason, now=now)


UNSETTLED: Final = (Verdict.PENDING, Verdict.NOT_COMPUTED, Verdict.DIFFERS)
"""What another look may change."""

EVERY: Final = tuple(verdict for verdict in Verdict if verdict is not Verdict.REPLACED)
"""Whatever still stands."""


async def check_month(*, checking: Checking, region: str, month: Month, again: bool, now: datetime) -> int:
    """Recompute the imported bills of a region's month; return how many were looked at.

    again: those that were found to agree before as well, and not only what could not be computed or differed.
    """
    looked_at, after, verdicts = 0, "", EVERY if again else UNSETTLED
    while True:
        records = await check_page(
            checking=checking, region=region, month=month, after=after or None, verdicts=verdicts, now=now
        )
        if not records:
            return looked_at
        looked_at, after = looked_at + len(records), records[-1].key


async def check_page(
    *,
    checking: Checking,
    region: str,
    month: Month,
    after: str | None,
    verdicts: Sequence[Verdict] = UNSETTLED,
    now: datetime,
) -> list[Record]:
    """Recompute some hundred imported bills behind a key; return them as they were. Empty behind the last."""
    records = await checking.records.page(region=region, month=month, verdicts=verdicts, after=after, limit=CHUNK)
    await check(checking=checking, records=records, now=now)
    return records


def lately(*, now: datetime, zone: str) -> list[tuple[str, Month]]:
    """Return the regions in shadow mode, each with the months that are looked at every night, the oldest first."""
    this = Month.of(local_day(now, zone))
    served = [region.code for region in regions().values() if region.billing == "shadow"]
    return [(code, this.shift(-back)) for code in served for back in range(MONTHS_BACK, -1, -1)]


async def _drafts(
    checking: Checking, accounts: Sequence[Account], *, month: Month, now: datetime
) -> list[Bill | Waiting]:
    """Return each account's month as we would bill it, on top of the supplier's earlier bills; nothing is written."""
    sources, _ = await checking.issuing.sources.read(accounts=accounts, month=month)
    return [draft(account=account, month=month, sources=sources, now=now) for account in accounts]


def _case(checking: Checking, record: Record, finding: Finding, *, now: datetime) -> Case:
    """Return the case of a difference: what each side says, line by line."""
    ours = finding.total or Fen(0)
    sides = tuple(
        (f"{one.what} {one.where}".strip(), f"{one.theirs or '-'} / {one.ours or '-'}") for one in finding.differences
    )
    return case_of(
        kind=CaseKind.SHADOW_DIFFERENCE,
        key=_case_key(record, finding),
        region=record.region,
        org_path=record.org_path,
        account_id=record.account_id,
        amount=Fen(ours - record.total),
        evidence=(
            ("bill", record.number),
            ("month", str(record.month)),
            ("revision", str(record.revision)),
            ("totals", f"{yuan(record.total)} / {yuan(ours)}"),
            *sides,
        ),
        now=now,
        today=local_day(now, checking.issuing.zone),
    )


def _case_key(record: Record, finding: Finding) -> str:
    """Return the key of a difference: another difference of the same bill is another case."""
    said = "\n".join(f"{one.what}|{one.where}|{one.theirs}|{one.ours}" for one in finding.differences)
    return f"shadow:{record.key}:{record.revision}:{sha256(said.encode()).hexdigest()[:16]}"
