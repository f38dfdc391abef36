"""How well money comes in: what is overdue by age, the share of each month's bills that was paid, and days outstanding.

Aging is summed over open debts alone, which are few beside the bills; the months over the bills of a region's month.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from gridhall.billing.arrears.repository import Aged, DebtRepository
from gridhall.billing.arrears.scoring import BUCKETS
from gridhall.billing.bills.repository import BillRepository
from gridhall.kit.localdays import Month
from gridhall.kit.money import Fen

AGES: Final = ("0-30", "31-60", "61-90", "91+")
MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class Recovery:
    """What became of the bills of a month: what was billed, and what of it is paid by now."""

    month: Month
    billed: Fen
    paid: Fen

    @property
    def rate(self) -> Decimal | None:
        """The share that is paid (回收率), with four decimals; None where nothing was billed."""
        return (Decimal(self.paid) / self.billed).quantize(Decimal("0.0001")) if self.billed else None


async def aging(*, debts: DebtRepository, region: str, unit: str, today: date) -> list[Aged]:
    """Return what is overdue in a unit of a region ('' for all of it) by age and class."""
    return await debts.aging(region=region, unit=unit, today=today, borders=BUCKETS)


async def recovery(
    *, bills: BillRepository, region: str, unit: str, until: Month, months: int = MONTHS
) -> list[Recovery]:
    """Return what became of the bills of some months, the last one first."""
    found = []
    for back in range(months):
        month = until.shift(-back)
        billed, paid = await bills.collected(region=region, unit=unit, month=month)
        found.append(Recovery(month, billed, paid))
    return found


def days_outstanding(months: Sequence[Recovery]) -> Decimal | None:
    """Return for how many days of billing the unpaid sum stands (DSO); None where nothing was billed.

    Everything unpaid of the months, over what a day of them was billed on average.
    """
    billed = sum(one.billed for one in months)
    if not billed:
        return None
    days = sum(len(one.month.days) for one in months if one.billed)
    unpaid = sum(one.billed - one.paid for one in months)
    return (Decimal(unpaid) * days / billed).quantize(Decimal("0.1"))
