"""A bill as a MongoDB document and back. Dates are ISO texts and decimals are texts: both exact, both sortable."""

from datetime import date
from decimal import Decimal

from gridhall.billing.bills.model import Bill, Billed, BillStatus, Decision, Finding, RegisterRow
from gridhall.billing.tariffs.engine import Line
from gridhall.kit.localdays import Days, Month
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Document
from gridhall.kit.units import units_above


def pack(bill: Bill) -> Document:
    """Return the document of a bill."""
    document: Document = {
        "_id": bill.id,
        "schema": 1,
        "number": bill.number,
        "account_id": bill.account_id,
        "region": bill.region,
        "org_path": bill.org_path,
        "month": str(bill.month),
        "from": bill.days.start.isoformat(),
        "to": bill.days.end.isoformat(),
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
    }
    if bill.status is BillStatus.HELD:
        document["units"] = units_above(bill.org_path)
    if bill.decision is not None:
        decision = {"by": bill.decision.by, "reason": bill.decision.reason, "at": bill.decision.at}
        document["rejected" if bill.status is BillStatus.REJECTED else "released"] = decision
    return document


def unpack(document: Document) -> Bill:
    """Return the bill of a document."""
    return Bill(
        id=document["_id"],
        number=document["number"],
        account_id=document["account_id"],
        region=document["region"],
        org_path=document["org_path"],
        month=Month.parse(document["month"]),
        days=_days(document),
        sequence=document["sequence"],
        tariff_code=document["tariff"]["code"],
        tariff_from=date.fromisoformat(document["tariff"]["from"]),
        lines=tuple(_unpack_line(line) for line in document["lines"]),
        registers=tuple(_unpack_row(row) for row in document["registers"]),
        used_before=Decimal(document["used_before"]),
        kwh=Decimal(document["kwh"]),
        total=Fen(document["total"]),
        status=BillStatus(document["status"]),
        made_at=document["made_at"],
        findings=tuple(Finding(f["code"], tuple(f["evidence"].items())) for f in document["findings"]),
        issued_at=document["issued_at"],
        due_on=date.fromisoformat(document["due_on"]) if document["due_on"] else None,
        prepaid=Fen(document["prepaid"]),
        paid=Fen(document["paid"]),
        decision=_unpack_decision(document.get("rejected") or document.get("released")),
    )


def unpack_billed(document: Document) -> Billed:
    """Return what the tiers have to know of a bill, of a document with these fields only."""
    return Billed(_days(document), Decimal(document["kwh"]))


def _days(document: Document) -> Days:
    return Days(date.fromisoformat(document["from"]), date.fromisoformat(document["to"]))


def _unpack_decision(document: Document | None) -> Decision | None:
    return Decision(document["by"], document["reason"], document["at"]) if document else None


def _pack_line(line: Line) -> Document:
    return {
        "kind": line.kind,
        "period": line.period,
        "tier": line.tier,
        "kwh": str(line.kwh),
        "price": str(line.price),
        "amount": line.amount,
    }


def _unpack_line(document: Document) -> Line:
    return Line(
        kind=document["kind"],
        period=document["period"],
        tier=document["tier"],
        kwh=Decimal(document["kwh"]),
        price=Decimal(document["price"]),
        amount=Fen(document["amount"]),
    )


def _pack_row(row: RegisterRow) -> Document:
    return {
        "point_id": row.point_id,
        "meter": row.meter,
        "period": row.period,
        "opening": str(row.opening),
        "closing": str(row.closing),
        "multiplier": row.multiplier,
        "kwh": str(row.kwh),
    }


def _unpack_row(document: Document) -> RegisterRow:
    return RegisterRow(
        point_id=document["point_id"],
        meter=document["meter"],
        period=document["period"],
        opening=Decimal(document["opening"]),
        closing=Decimal(document["closing"]),
        multiplier=document["multiplier"],
        kwh=Decimal(document["kwh"]),
    )
