"""The bill as the template reads it: numbers already written as text, and the few figures that are drawn."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import segno

from gridhall.kit.money import Fen, yuan
from gridhall.notifications.ebill.model import OF_ENERGY, EBill, MonthUsage, TierBar

_PRICE_DECIMALS = 4


def page(bill: EBill) -> dict[str, Any]:
    """Return what the page shows as JSON-able data. Every text in it is printed literally."""
    days = (bill.last_day - bill.first_day).days + 1
    return {
        "number": bill.number,
        "template_version": bill.template_version,
        "supplier": bill.supplier_name,
        "region": bill.region_name,
        "customer": bill.customer_name,
        "account": bill.account_number,
        "address": bill.supply_address,
        "first": bill.first_day.isoformat(),
        "last": bill.last_day.isoformat(),
        "days": str(days),
        "issued": bill.issued_on.isoformat(),
        "due": bill.due_on.isoformat(),
        "payable": _money(bill.payable),
        "is_nothing_due": bill.payable == 0,
        "total": _money(bill.total),
        "previous_owed": _money(bill.previous_owed),
        "prepaid": _money(bill.prepaid),
        "kwh": _plain(bill.kwh),
        "daily": f"{bill.kwh / days:,.1f}",
        "tariff": bill.tariff_name,
        "is_tariff_provisional": bill.is_tariff_provisional,
        "hotline": bill.hotline,
        "payment_url": bill.payment_url,
        "qr": _qr(bill.payment_url) if bill.payment_url else None,
        "notes": [{"kind": note.kind.value, "about": note.about} for note in bill.notes],
        "late_fee": {"this_year": _permille(bill.late_fee.this_year), "earlier": _permille(bill.late_fee.earlier_years)}
        if bill.late_fee
        else None,
        "lines": [
            {
                "kind": line.kind.value,
                "period": line.period,
                "tier": line.tier,
                "title": line.title,
                "is_energy": line.kind in OF_ENERGY,
                "unit": line.unit,
                "span": line.span,
                "kwh": "" if line.kwh is None else _plain(line.kwh),
                "price": "" if line.price is None else _price(line.price),
                "amount": _money(line.amount),
            }
            for line in bill.lines
        ],
        "registers": [
            {
                "period": row.period,
                "opening": _shown(row.opening),
                "closing": _shown(row.closing),
                "multiplier": "–" if row.multiplier is None else _plain(row.multiplier),
                "billed": _plain(row.billed_kwh),
                "meter": row.meter,
                "basis": row.basis.value if row.basis else "",
            }
            for row in bill.registers
        ],
        "tiers": _tiers(bill.tier_bar) if bill.tier_bar else None,
        "split": [
            {"period": part.period, "kwh": _plain(part.kwh), "weight": float(part.kwh), "share": share}
            for part, share in zip(bill.periods, _shares([part.kwh for part in bill.periods]), strict=True)
        ],
        "months": [
            {
                "year": month.month.year,
                "month": month.month.number,
                "kwh": None if month.kwh is None else _plain(month.kwh.quantize(Decimal(1), ROUND_HALF_UP)),
                "weight": float(month.kwh or 0),
                "is_current": month.is_current,
            }
            for month in bill.months
        ],
        "changes": _changes(bill.months),
        "readings": {
            "meter": bill.readings.meter_number,
            "coverage": None if bill.readings.coverage is None else f"{bill.readings.coverage * 100:.1f}%",
            "unsure_days": bill.readings.unsure_days,
            "is_provisional": bill.readings.is_provisional,
            "sources": list(bill.readings.sources),
            "together": bill.readings.together,
        },
    }


def _money(amount: Fen) -> str:
    return f"{yuan(amount):,}"


def _permille(rate: Decimal) -> str:
    return f"{rate.normalize():f}‰"


def _qr(address: str) -> str:
    """Return a QR code as SVG: one path, of medium correction, so that a folded print can still be read."""
    return str(segno.make(address, error="m", micro=False).svg_inline(border=0, dark="#16232b"))


def _shown(count: Decimal | None) -> str:
    return "–" if count is None else f"{count:,f}"


def _plain(number: Decimal) -> str:
    """Write a number without the zeros that say nothing: 787.00 is 787."""
    whole = number.to_integral_value()
    return f"{whole:,f}" if number == whole else f"{number.normalize():,f}"


def _price(price: Decimal) -> str:
    decimals = max(_PRICE_DECIMALS, -int(price.normalize().as_tuple().exponent))
    return f"{price:.{decimals}f}"


def _tiers(bar: TierBar) -> dict[str, Any]:
    used = bar.used_before + bar.used_now
    reached = sum(1 for boundary in bar.boundaries if used > boundary)
    ahead = bar.boundaries[reached] - used if reached < len(bar.boundaries) else None
    return {
        "cycle": bar.cycle_label,
        "boundaries": [{"text": _plain(boundary), "at": float(boundary)} for boundary in bar.boundaries],
        "before": {"text": _plain(bar.used_before), "at": float(bar.used_before)},
        "now": {"text": _plain(bar.used_now), "at": float(bar.used_now)},
        "used": _plain(used),
        "reached": reached,
        "rest": None if ahead is None else _plain(ahead),
    }


def _shares(parts: Sequence[Decimal]) -> list[str]:
    """Return whole percentages that add up to 100, the largest remainders rounded up."""
    total = sum(parts, Decimal(0))
    if not total:
        return ["0%" for _ in parts]
    exact = [part * 100 / total for part in parts]
    whole = [int(share) for share in exact]
    by_remainder = sorted(range(len(parts)), key=lambda index: whole[index] - exact[index])
    for index in by_remainder[: 100 - sum(whole)]:
        whole[index] += 1
    return [f"{share}%" for share in whole]


def _changes(months: Sequence[MonthUsage]) -> dict[str, str | None]:
    """Return how the current month differs from the one before it and from the same month a year before."""
    known = {month.month: month.kwh for month in months}
    now = next((month for month in months if month.is_current), None)
    if now is None:
        return {"last_month": None, "last_year": None}
    return {
        "last_month": _change(now.kwh, known.get(now.month.shift(-1))),
        "last_year": _change(now.kwh, known.get(now.month.shift(-12))),
    }


def _change(now: Decimal | None, then: Decimal | None) -> str | None:
    if now is None or not then:
        return None
    percent = ((now - then) * 100 / then).quantize(Decimal(1), ROUND_HALF_UP)
    return f"{percent:+,f}%".replace("-", "−")
