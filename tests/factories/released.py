"""Documents as the released code wrote them before their schema was raised, field by field; and their migration."""

from datetime import UTC, date, datetime

from gridhall.api.state import REPOSITORIES
from gridhall.billing.accounts.model import AccountId
from gridhall.billing.arrears.policies import Stage
from gridhall.billing.bills.model import Bill, BillStatus
from gridhall.billing.corrections.model import Correction
from gridhall.billing.payments.model import Intent, PaymentReceived
from gridhall.billing.waits.model import Waiting
from gridhall.kit.clock import FixedClock
from gridhall.kit.localdays import Month
from gridhall.kit.migrations import steps_of
from gridhall.kit.migrations.operations import run
from gridhall.kit.mongo import Document, Mongo
from gridhall.metering.irregular.cases.model import Case
from gridhall.metering.rounds.documents import from_expected
from gridhall.metering.rounds.own.model import OwnRead
from gridhall.metering.vee.exceptions.model import DayException


async def migrate(mongo: Mongo, collection: str) -> int:
    """Take the steps of a collection, in ranges of two documents; return how many were changed, and none was left."""
    changed = 0
    clock = FixedClock(datetime(2026, 11, 22, tzinfo=UTC))
    for step in (one for one in steps_of(REPOSITORIES) if one.collection == collection):
        async for done in run(mongo=mongo, step=step, clock=clock, pause=0, size=2):
            changed += done.changed
            assert done.left == ()
    return changed


async def kept(mongo: Mongo, collection: str, key: object) -> Document:
    """Return a document as it is kept."""
    found = await mongo[collection].find_one({"_id": key})
    assert found is not None
    return found


def a_released_case(case: Case) -> Document:
    """A case of irregular use, schema 1."""
    return {
        "_id": case.id,
        "schema": 1,
        "revision": case.revision,
        "point_id": case.point_id,
        "region": case.region,
        "org_path": case.org_path,
        "district": case.district,
        "class": case.supply_class,
        "state": str(case.state),
        "under_way": case.under_way,
        "score": case.score,
        "from": case.days.start.isoformat(),
        "to": case.days.end.isoformat(),
        "opened_at": case.opened_at,
        "changed_at": case.changed_at,
        "due_on": case.due_on.isoformat(),
        "owner": case.owner,
        "inspector": case.inspector,
        "closing": case.closing and str(case.closing),
        "quiet_until": case.quiet_until,
        "evidence": [
            {
                "signal": one.signal,
                "added": one.added,
                "numbers": dict(one.numbers),
                "since": one.since and one.since.isoformat(),
                "first_seen": one.first_seen.isoformat(),
                "last_seen": one.last_seen.isoformat(),
            }
            for one in case.evidence
        ],
        "photos": [{"id": one.id, "by": one.by, "at": one.at, "note": one.note} for one in case.photos],
        "history": [{"at": one.at, "by": one.by, "what": str(one.what), "note": one.note} for one in case.history],
    }


def a_released_exception(one: DayException) -> Document:
    """An exception of the validation, schema 1."""
    return {
        "_id": one.key,
        "schema": 1,
        "version": one.version,
        "region": one.region,
        "orgPath": one.org_path,
        "class": one.supply_class,
        "meter": one.meter,
        "codes": list(one.codes),
        "severity": one.severity,
        "state": one.state,
        "openedAt": one.opened_at,
        "due": one.due_on.isoformat(),
        "owner": one.owner,
        "accepted": sorted(one.accepted),
        "steps": [{"at": step.at, "by": step.by, "state": step.state, "reason": step.reason} for step in one.steps],
    }


def a_released_own_read(read: OwnRead) -> Document:
    """A customer's own read, schema 1."""
    return {
        "_id": read.id,
        "schema": 1,
        "point": read.point_id,
        "region": read.region,
        "orgPath": read.org_path,
        "zone": read.zone,
        "by": read.by,
        "meter": read.meter,
        "shown": dict(read.shown),
        "counts": dict(read.counts),
        "takenAt": read.taken_at,
        "day": read.day.isoformat(),
        "photos": list(read.photos),
        "expected": from_expected(read.expected),
        "findings": [{"doubt": one.doubt, "register": one.register} for one in read.findings],
        "state": read.state,
        "broughtAt": read.brought_at,
        "decidedBy": read.decided_by,
        "decidedAt": read.decided_at,
        "reason": read.reason,
    }


def a_released_intent(intent: Intent) -> Document:
    """An intent of one part, schema 1."""
    (part,) = intent.parts
    return {
        "_id": intent.number,
        "schema": 1,
        "account_id": part.account_id,
        "region": intent.region,
        "bill_ids": list(part.bill_ids),
        "amount": part.amount,
        "provider": intent.provider,
        "asked_by": intent.asked_by,
        "started_at": intent.started_at,
        "status": intent.status,
        "pay_url": intent.pay_url,
    }


def a_released_payment(payment: PaymentReceived) -> Document:
    """A payment of one part, schema 1."""
    (part,) = payment.parts
    return {
        "_id": f"{payment.provider}:{payment.provider_number}",
        "schema": 1,
        "account_id": part.account_id,
        "amount": payment.amount,
        "paid_at": payment.paid_at,
        "bill_ids": list(part.bill_ids),
        "trade_number": payment.trade_number,
    }


def a_released_bill(bill: Bill) -> Document:
    """A bill, schema 1."""
    document: Document = {
        "_id": bill.id,
        "schema": 1,
        "number": bill.number,
        "account_id": bill.account_id,
        "region": bill.region,
        "month": str(bill.month),
        "from": bill.days.start.isoformat(),
        "to": bill.days.end.isoformat(),
        "sequence": bill.sequence,
        "tariff": {"code": bill.tariff_code, "from": bill.tariff_from.isoformat()},
        "lines": [
            {
                "kind": line.kind,
                "tier": line.tier,
                "period": line.period,
                "kwh": str(line.kwh),
                "price": str(line.price),
                "amount": line.amount,
            }
            for line in bill.lines
        ],
        "registers": [
            {
                "point_id": row.point_id,
                "meter": row.meter,
                "period": row.period,
                "opening": str(row.opening),
                "closing": str(row.closing),
                "multiplier": row.multiplier,
                "kwh": str(row.kwh),
            }
            for row in bill.registers
        ],
        "used_before": str(bill.used_before),
        "kwh": str(bill.kwh),
        "total": bill.total,
        "status": bill.status,
        "made_at": bill.made_at,
        "findings": [{"code": f.code, "evidence": dict(f.evidence)} for f in bill.findings],
        "issued_at": bill.issued_at,
        "due_on": bill.due_on.isoformat() if bill.due_on else None,
        "prepaid": bill.prepaid,
        "paid": bill.paid,
    }
    if bill.decision is not None:
        decision = {"by": bill.decision.by, "reason": bill.decision.reason, "at": bill.decision.at}
        document["rejected" if bill.status is BillStatus.REJECTED else "released"] = decision
    return document


def a_released_reminder(bill: Bill, *, reached: Stage | None, next_on: date) -> Document:
    """The row of an unpaid bill's next reminder, schema 1."""
    assert bill.due_on is not None
    return {
        "_id": bill.id,
        "schema": 1,
        "account_id": bill.account_id,
        "region": bill.region,
        "due_on": bill.due_on.isoformat(),
        "next_on": next_on.isoformat(),
        "reached": reached,
    }


def a_released_wait(account_id: AccountId, month: Month, waiting: Waiting, *, since: datetime) -> Document:
    """An account that waits in a month, schema 1."""
    return {
        "_id": f"{account_id}:{month}",
        "schema": 1,
        "account_id": account_id,
        "month": str(month),
        "code": waiting.code,
        "params": dict(waiting.params),
        "since": since,
    }


def a_released_correction(one: Correction) -> Document:
    """A correction of an issued bill, schema 1."""
    return {
        "_id": one.id,
        "schema": 1,
        "bill_id": one.bill_id,
        "account_id": one.account_id,
        "region": one.region,
        "point_id": one.point_id,
        "kind": one.kind,
        "day": one.day.isoformat(),
        "before": [list(figure) for figure in one.before],
        "after": [list(figure) for figure in one.after],
        "noted_at": one.noted_at,
    }
