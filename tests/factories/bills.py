"""Bills, drafted as the bill run drafts them or written down at once."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from gridhall.billing.accounts.model import Account
from gridhall.billing.bills.drafting import Sources, draft
from gridhall.billing.bills.model import Bill, BillId, BillStatus, RegisterRow
from gridhall.billing.tariffs import catalogue
from gridhall.billing.tariffs.engine import quote
from gridhall.billing.waits.model import Waiting
from gridhall.kit.ids import new_id
from gridhall.kit.localdays import Month
from gridhall.metering.registers.model import RegisterRead
from tests.factories.reads import by_place

MADE_AT = datetime(2026, 11, 1, 2, tzinfo=UTC)


def a_bill(
    account: Account,
    month: str,
    used: Mapping[str, int] | int = 200,
    *,
    status: BillStatus = BillStatus.ISSUED,
    used_before: int = 0,
    **changes: Any,  # noqa: ANN401 - any field
) -> Bill:
    """The bill of an account's month with so many kWh a period; one number is the period `total`."""
    kwh = {period: Decimal(value) for period, value in ({"total": used} if isinstance(used, int) else used).items()}
    days = account.period(Month.parse(month))
    version = catalogue.version(account.tariffs[0].code, on=days.start)
    quoted = quote(version, on_month=Month.parse(month), used=kwh, used_before=Decimal(used_before))
    issued = status is not BillStatus.HELD
    fields: dict[str, Any] = {
        "id": BillId(new_id()),
        "number": f"{month.replace('-', '')}{account.number}1",
        "account_id": account.id,
        "region": account.region,
        "org_path": account.org_path,
        "month": Month.parse(month),
        "days": days,
        "tariff_code": version.code,
        "tariff_from": version.effective_from,
        "lines": quoted.lines,
        "registers": tuple(
            RegisterRow(account.points[0].point_id, "M1", period, Decimal(1000), 1000 + value, 1, value)
            for period, value in kwh.items()
        ),
        "used_before": Decimal(used_before),
        "kwh": sum(kwh.values(), Decimal(0)),
        "total": quoted.total,
        "status": status,
        "made_at": MADE_AT,
        "issued_at": MADE_AT if issued else None,
        "due_on": date(2026, 11, 21) if issued else None,
    }
    return Bill(**{**fields, **changes})


def drafted(
    account: Account,
    month: str,
    *reads: RegisterRead,
    earlier: Sequence[Bill] = (),
    now: datetime = MADE_AT,
    **sources: Any,  # noqa: ANN401 - any field of Sources
) -> Bill | Waiting:
    """What drafting makes of these reads and earlier bills."""
    made_from = Sources(reads=by_place(*reads), earlier={account.id: earlier}, **sources)
    return draft(account=account, month=Month.parse(month), sources=made_from, now=now)


def a_bill_drafted(
    account: Account,
    month: str,
    *reads: RegisterRead,
    earlier: Sequence[Bill] = (),
    **sources: Any,  # noqa: ANN401 - any field of Sources
) -> Bill:
    """The bill that drafting makes; a period that waits fails the test."""
    bill = drafted(account, month, *reads, earlier=earlier, **sources)
    assert isinstance(bill, Bill), bill
    return bill
