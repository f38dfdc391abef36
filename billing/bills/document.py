"""A bill as a MongoDB document and back. Dates are ISO texts and decimals are texts: both exact, both sortable."""

from datetime import date
from decimal import Decimal
from functools import lru_cache

from gridhall.billing.bills.charges import Charge, ChargeKind
from gridhall.billing.bills.holds import Hold, HoldMove, HoldStep
from gridhall.billing.bills.model import (
    FIRST_E_BILL,
    Basis,
    Bill,
    Billed,
    BillKind,
    BillOrigin,
    BillStatus,
    Checks,
    Decision,
    Finding,
    Reading,
    RegisterRow,
    Step,
)
from gridhall.billing.tariffs.engine import Line
from gridhall.kit.localdays import Days, Month
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Document
from gridhall.kit.units import units_above

_day = lru_cache(maxsize=4096)(date.fromisoformat)
_month = lru_cache(maxsize=512)(Month.parse)
"""Millions of bills are of the same few months and days."""


def pack(bill: Bill) -> Document:
    """Return the document of a bill."""
    document: Document = {
        "_id": bill.id,
        "schema": 2,
        "number": bill.number,
        "account_id": bill.account_id,
        "region": bill.region,
        "org_path": bill.org_path,
        "month": str(bill.month),
        **_pack_days(bill.days),
        "sequence": bill.sequence,
        "tariff": {"code": bill.tariff_code, "from": bill.tariff_from.isoformat()},
        "lines": [_pack_line(line) for line in bill.lines],
        "registers": [_pack_row(row) for row in bill.registers],
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
        "uncounted_kwh": str(bill.uncounted_kwh),
        "kind": bill.kind,
        "origin": bill.origin,
        "template": bill.template,
        "replaces": bill.replaces,
        "cancelled_by": bill.cancelled_by,
        "readings": [_pack_reading(one) for one in bill.readings],
        "trail": [{"status": step.status, "at": step.at, "by": step.by} for step in bill.trail],
    }
    if bill.charges:
        document["charges"] = [_pack_charge(one) for one in bill.charges]
    if bill.checks is not None:
        checks = bill.checks
        document["checks"] = {"version": checks.version, "passed": checks.passed, "skipped": list(checks.skipped)}
    if bill.basis is not None:
        document["basis"] = {
            "method": bill.basis.method,
            **_pack_days(bill.basis.days),
            "kwh": {period: str(kwh) for period, kwh in bill.basis.kwh},
        }
    if bill.hold is not None:
        document["hold"] = _pack_hold(bill.hold)
    if bill.status is BillStatus.HELD:
        document["units"] = units_above(bill.org_path)
    if bill.decision is not None:
        decision = {"by": bill.decision.by, "reason": bill.decision.reason, "at": bill.decision.at}
        if bill.decision.approved_by is not None:
            decision["approved_by"] = bill.decision.approved_by
        document["rejected" if bill.status is BillStatus.REJECTED else "released"] = decision
    return document


def unpack(document: Document) -> Bill:
    """Return the bill of a document, of schema 1 too, which knew neither readings nor credit notes."""
    return Bill(
        id=document["_id"],
        number=document["number"],
        account_id=document["account_id"],
        region=document["region"],
        org_path=document.get("org_path", ""),
        month=_month(document["month"]),
        days=_days(document),
        sequence=document["sequence"],
        tariff_code=document["tariff"]["code"],
        tariff_from=_day(document["tariff"]["from"]),
        lines=tuple(_unpack_line(line) for line in document["lines"]),
        registers=tuple(_unpack_row(row) for row in document["registers"]),
        used_before=Decimal(document["used_before"]),
        kwh=Decimal(document["kwh"]),
        total=Fen(document["total"]),
        status=BillStatus(document["status"]),
        made_at=document["made_at"],
        findings=tuple(Finding(f["code"], tuple(f["evidence"].items())) for f in document["findings"]),
        issued_at=document["issued_at"],
        due_on=_day(document["due_on"]) if document["due_on"] else None,
        prepaid=Fen(document["prepaid"]),
        paid=Fen(document["paid"]),
        decision=_unpack_decision(document.get("rejected") or document.get("released")),
        uncounted_kwh=Decimal(document.get("uncounted_kwh", 0)),
        kind=BillKind(document.get("kind", BillKind.REGULAR)),
        origin=BillOrigin(document.get("origin", BillOrigin.OWN)),
        replaces=document.get("replaces"),
        cancelled_by=document.get("cancelled_by"),
        basis=_unpack_basis(document.get("basis")),
        readings=tuple(_unpack_reading(one) for one in document.get("readings", ())),
        checks=_unpack_checks(document.get("checks")),
        hold=_unpack_hold(document.get("hold")),
        charges=tuple(_unpack_charge(one) for one in document.get("charges", ())),
        template=document.get("template", FIRST_E_BILL),
        trail=tuple(Step(BillStatus(one["status"]), one["at"], one["by"]) for one in document.get("trail", ())),
    )


def unpack_billed(document: Document) -> Billed:
    """Return what the tiers have to know of a bill, of a document with these fields only."""
    return Billed(_days(document), Decimal(document["kwh"]) - Decimal(document.get("uncounted_kwh", 0)))


def _pack_days(days: Days) -> Document:
    return {"from": days.start.isoformat(), "to": days.end.isoformat()}


def _days(document: Document) -> Days:
    return Days(_day(document["from"]), _day(document["to"]))


def _unpack_decision(document: Document | None) -> Decision | None:
    if document is None:
        return None
    return Decision(document["by"], document["reason"], document["at"], document.get("approved_by"))


def _pack_hold(hold: Hold) -> Document:
    return {
        "due_on": hold.due_on.isoformat(),
        "owner": hold.owner,
        "awaits_approval": hold.awaits_approval,
        "steps": [{"what": step.what, "at": step.at, "by": step.by, "note": step.note} for step in hold.steps],
    }


def _unpack_hold(document: Document | None) -> Hold | None:
    if document is None:
        return None
    steps = tuple(HoldStep(HoldMove(one["what"]), one["at"], one["by"], one["note"]) for one in document["steps"])
    return Hold(_day(document["due_on"]), document["owner"], steps)


def _unpack_checks(document: Document | None) -> Checks | None:
    return Checks(document["version"], document["passed"], tuple(document["skipped"])) if document else None


def _unpack_basis(document: Document | None) -> Basis | None:
    if document is None:
        return None
    kwh = tuple((period, Decimal(value)) for period, value in document["kwh"].items())
    return Basis(document["method"], _days(document), kwh)


def _pack_reading(one: Reading) -> Document:
    return {
        "point_id": one.point_id,
        "meter": one.meter,
        "day": one.day.isoformat(),
        "version": one.version,
        "source": one.source,
        "quality": one.quality,
    }


def _unpack_reading(document: Document) -> Reading:
    return Reading(
        point_id=document["point_id"],
        meter=document["meter"],
        day=_day(document["day"]),
        version=document["version"],
        source=document["source"],
        quality=document["quality"],
    )


def _pack_line(line: Line) -> Document:
    return {
        "kind": line.kind,
        "period": line.period,
        "tier": line.tier,
        "kwh": str(line.kwh),
        "price": str(line.price),
        "amount": line.amount,
        **({"version": line.version} if line.version else {}),
        **(_pack_days(line.days) if line.days else {}),
    }


def _unpack_line(document: Document) -> Line:
    return Line(
        kind=document["kind"],
        period=document["period"],
        tier=document["tier"],
        kwh=Decimal(document["kwh"]),
        price=Decimal(document["price"]),
        amount=Fen(document["amount"]),
        version=document.get("version"),
        days=_days(document) if "from" in document else None,
    )


def _pack_charge(charge: Charge) -> Document:
    return {
        "kind": charge.kind,
        "title": charge.title,
        "amount": charge.amount,
        "quantity": _text(charge.quantity),
        "unit": charge.unit,
        "price": _text(charge.price),
    }


def _unpack_charge(document: Document) -> Charge:
    return Charge(
        kind=ChargeKind(document["kind"]),
        title=document["title"],
        amount=Fen(document["amount"]),
        quantity=_number(document["quantity"]),
        unit=document["unit"],
        price=_number(document["price"]),
    )


def _pack_row(row: RegisterRow) -> Document:
    return {
        "point_id": row.point_id,
        "meter": row.meter,
        "period": row.period,
        "opening": _text(row.opening),
        "closing": _text(row.closing),
        "multiplier": row.multiplier,
        "kwh": str(row.kwh),
        **(_pack_days(row.days) if row.days else {}),
    }


def _unpack_row(document: Document) -> RegisterRow:
    return RegisterRow(
        point_id=document["point_id"],
        meter=document["meter"],
        period=document["period"],
        opening=_number(document["opening"]),
        closing=_number(document["closing"]),
        multiplier=document["multiplier"],
        kwh=Decimal(document["kwh"]),
        days=_days(document) if "from" in document else None,
    )


def _text(number: Decimal | None) -> str | None:
    return None if number is None else str(number)


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
