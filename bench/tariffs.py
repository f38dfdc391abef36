"""What it costs to price a month that crosses a tier, and to prove it by the second path."""

from decimal import Decimal

from bench.measuring import Measured, measured
from gridhall.billing.tariffs import catalogue
from gridhall.billing.tariffs.engine import quote
from gridhall.billing.tariffs.recompute import recompute
from gridhall.kit.localdays import Month


def run() -> list[Measured]:
    """Price one month of a household of two periods."""
    month = Month(2024, 8)
    version = catalogue.version("zhejiang-residential-tou", on=month.first)
    used, before = {"peak": Decimal(377), "valley": Decimal(410)}, Decimal(2627)
    return [
        measured("price a month", lambda: quote(version, on_month=month, used=used, used_before=before)),
        measured(
            "price it by the second path", lambda: recompute(version, on_month=month, used=used, used_before=before)
        ),
    ]
