"""The VAT in an amount, as data with its source, and how an amount is split into net and tax. Pure."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from importlib import resources

from gridhall.kit.money import Fen
from gridhall.metering.calendars.model import Status


@dataclass(frozen=True, slots=True)
class Vat:
    """The VAT from a day on. Its fields are explained in `vat.toml`."""

    effective_from: date
    rate: Decimal
    item: str
    tax_code: str
    status: Status
    source: str


@dataclass(frozen=True, slots=True)
class Split:
    """An amount with its tax inside; the two sum to it."""

    net: Fen
    tax: Fen


def split(total: Fen, *, rate: Decimal) -> Split:
    """Split an amount that includes VAT: the net is rounded half-up to the fen, and the tax is what is left."""
    net = Fen(int((Decimal(total) / (1 + rate)).quantize(Decimal(1), rounding=ROUND_HALF_UP)))
    return Split(net, Fen(total - net))


def vat_on(day: date) -> Vat:
    """Return the VAT of a day. Raises LookupError for a day before all rows."""
    holding = [one for one in _rows() if one.effective_from <= day]
    if not holding:
        raise LookupError(f"vat.toml has no rate for {day}")
    return max(holding, key=lambda one: one.effective_from)


@lru_cache(maxsize=1)
def _rows() -> Sequence[Vat]:
    rows = tomllib.loads(resources.files("gridhall.billing.invoices").joinpath("vat.toml").read_text())["vat"]
    return [Vat(**{**row, "rate": Decimal(row["rate"])}) for row in rows]
