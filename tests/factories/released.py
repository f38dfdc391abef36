"""Documents as the released code wrote them before their schema was raised, field by field; and their migration."""

from datetime import UTC, datetime

from gridhall.api.state import REPOSITORIES
from gridhall.billing.payments.model import Intent, PaymentReceived
from gridhall.kit.clock import FixedClock
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
