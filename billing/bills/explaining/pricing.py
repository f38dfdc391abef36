"""From energy to money: tiers, prices, lines, total."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from gridhall.billing.accounts.model import Account
from gridhall.billing.bills.charges import Charge
from gridhall.billing.bills.explaining.model import Section, Step, text
from gridhall.billing.bills.model import Bill
from gridhall.billing.bills.pricing import Pricing, drawn
from gridhall.billing.tariffs import catalogue
from gridhall.billing.tariffs.engine import Line
from gridhall.billing.tariffs.model import TariffVersion
from gridhall.billing.tariffs.proration import Piece, price_period
from gridhall.billing.tariffs.tiers import Tier, split
from gridhall.kit.money import round_to_fen, yuan

_NOTHING: Final = Decimal(0)


def tier_steps(bill: Bill, *, account: Account, pricing: Pricing) -> Iterator[Step]:
    """Yield where in the tiers of the cycle the energy fell; of every part of a period with a change inside."""
    if not pricing.changes:
        tiers = pricing.version.tiers_in(bill.month.number)
        yield from _tiers(tiers, before=bill.used_before, used=bill.kwh, version=pricing.version)
        return
    pieces = price_period(
        tariffs=account.tariffs,
        terms=account.terms,
        days=bill.days,
        month=bill.month,
        used=drawn(bill.registers, days=bill.days),
        used_before=bill.used_before,
    ).pieces
    for piece in pieces:
        yield from _piece(piece, alone=len(pieces) == 1)


def _piece(piece: Piece, *, alone: bool) -> Iterator[Step]:
    used = sum(piece.kwh.values(), _NOTHING)
    if not alone:
        days = {
            "from": str(piece.days.start),
            "to": str(piece.days.end),
            "kwh": text(used),
            "days": str(len(piece.days)),
        }
        yield Step(Section.TIERS, "piece", days, version=piece.version)
    for kind in sorted(piece.kinds):
        yield Step(Section.TIERS, f"household_{kind}", version=piece.version)
    if not piece.counted:
        yield Step(Section.TIERS, "not_counted", {"kwh": text(used)}, version=piece.version)
        return
    yield from _tiers(piece.tiers, before=piece.used_before, used=used, version=piece.version)


def _tiers(tiers: Sequence[Tier], *, before: Decimal, used: Decimal, version: TariffVersion) -> Iterator[Step]:
    position = {"before": text(before), "used": text(used), "after": text(before + used)}
    yield Step(Section.TIERS, f"position_{version.cycle.every}", position, version=version)
    floor = _NOTHING
    shares = split(tuple(tiers), used_before=before, used=used)
    for number, (tier, share) in enumerate(zip(tiers, shares, strict=True), start=1):
        if share:
            code = "tier" if tier.upto_kwh is not None else "top_tier" if number > 1 else "no_tiers"
            border = {"floor": text(floor), "upto": text(tier.upto_kwh) if tier.upto_kwh is not None else ""}
            yield Step(Section.TIERS, code, {"tier": str(number), "kwh": text(share), **border}, version=version)
        floor = tier.upto_kwh if tier.upto_kwh is not None else floor


def price_steps(bill: Bill, version: TariffVersion | None) -> Iterator[Step]:
    """Yield the versions that say the prices, each with its source and how sure it is."""
    named = list(dict.fromkeys(line.version for line in bill.lines if line.version))
    versions = [catalogue.version_named(one) for one in named] or ([version] if version else [])
    for one in versions:
        told = {"since": str(one.effective_from), "source": one.source, "status": str(one.status)}
        yield Step(Section.PRICE, "version", told, version=one)
        if one.provisional:
            yield Step(Section.PRICE, "doubts", {"doubts": ", ".join(one.doubts)}, version=one)


def line_steps(bill: Bill, version: TariffVersion | None) -> Iterator[Step]:
    """Yield every line as a multiplication, and their sum."""
    for line in bill.lines:
        of_line = catalogue.version_named(line.version) if line.version else version
        yield Step(Section.LINES, _code(line), _numbers(line), line.period, of_line, holds=_comes_out(line))
    for charge in bill.charges:
        told = {"title": charge.title, "amount": str(yuan(charge.amount)), "reckoned": _reckoned(charge)}
        yield Step(Section.LINES, "charge", told)
    amounts = [*(line.amount for line in bill.lines), *(charge.amount for charge in bill.charges)]
    parts = " + ".join(f"{yuan(one)}" if one >= 0 else f"({yuan(one)})" for one in amounts)
    summed = sum(amounts)
    yield Step(
        Section.TOTAL, "sum", {"parts": parts or "0.00", "total": str(yuan(bill.total))}, holds=summed == bill.total
    )


def _code(line: Line) -> str:
    if line.kind == "surcharge":
        return "surcharge_of_period" if line.period else "surcharge"
    return line.kind


def _numbers(line: Line) -> dict[str, str]:
    return {
        "tier": str(line.tier),
        "kwh": text(line.kwh),
        "price": text(line.price),
        "exact": text(line.kwh * line.price),
        "amount": str(yuan(line.amount)),
        "from": str(line.days.start) if line.days else "",
        "to": str(line.days.end) if line.days else "",
    }


def _reckoned(charge: Charge) -> str:
    if charge.quantity is None or charge.price is None:
        return ""
    return f" ({text(charge.quantity)} {charge.unit} x {text(charge.price)})"


def _comes_out(line: Line) -> bool:
    return round_to_fen(line.kwh * line.price) == line.amount
