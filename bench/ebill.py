"""What it costs to draw one e-bill, warm."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import count

from bench.measuring import Measured, measured
from gridhall.kit.localdays import Month
from gridhall.kit.money import round_to_fen
from gridhall.notifications.ebill.model import ChargeLine, EBill, LineKind, MonthUsage, ReadingSource, RegisterRow
from gridhall.notifications.ebill.render import render


def run() -> list[Measured]:
    """Draw a bill of one line with thirteen months of history."""
    bill, numbers = _bill(), count()
    # A number of its own each time: typst remembers what it has drawn before.
    return [measured("draw an e-bill", lambda: render(replace(bill, number=f"B{next(numbers)}")))]


def _bill() -> EBill:
    kwh, price = Decimal(320), Decimal("0.538")
    amount = round_to_fen(kwh * price)
    return EBill(
        number="B1",
        template_version="e-bill/1",
        supplier_name="格里供电",
        region_name="浙江",
        customer_name="*三",
        account_number="330****001",
        supply_address="浙江省杭州市****",
        first_day=date(2024, 8, 1),
        last_day=date(2024, 8, 31),
        issued_on=date(2024, 9, 2),
        due_on=date(2024, 9, 25),
        total=amount,
        lines=(ChargeLine(LineKind.ENERGY, "total", 1, kwh, price, amount),),
        registers=(RegisterRow("total", Decimal(1000), Decimal(1320), Decimal(1), kwh),),
        readings=ReadingSource("M1", Decimal(1)),
        tariff_name="居民阶梯电价",
        hotline="95598",
        months=tuple(MonthUsage(Month(2023, 8).shift(n), Decimal(200 + 10 * n), n == 12) for n in range(13)),  # noqa: PLR2004 - the last
    )
