"""What a supplier's billing system charges beside energy: shown as it was told, never calculated here."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from gridhall.kit.money import Fen


class ChargeKind(StrEnum):
    """What is charged. Demand, capacity and power factor are the second part of a two-part tariff (两部制)."""

    DEMAND = "demand"
    """By the highest demand of the month (需量电费)."""
    CAPACITY = "capacity"
    """By the capacity of the transformers (容量电费)."""
    POWER_FACTOR = "power_factor"
    """More or less for a power factor off its standard (力调电费)."""
    OTHER = "other"
    """Anything else, by its title."""


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge of a supplier's bill beside energy.

    title: as the supplier calls it. quantity, unit: what it is reckoned by, kW or kVA; None and '' where it is not
    told, and so is price, yuan a unit. amount: below zero where it is given back.
    """

    kind: ChargeKind
    title: str
    amount: Fen
    quantity: Decimal | None = None
    unit: str = ""
    price: Decimal | None = None
