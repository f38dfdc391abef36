"""The port to whoever issues digital invoices: the tax platform (乐企), or a provider in between."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from gridhall.billing.invoices.model import Form
from gridhall.kit.money import Fen


@dataclass(frozen=True, slots=True)
class InvoiceOrder:
    """What is to be issued. request: ours; the same one again is the same invoice. buyer_tax_number: '' of a person."""

    request: str
    buyer: str
    buyer_tax_number: str
    item: str
    tax_code: str
    net: Fen
    tax: Fen
    rate: Decimal
    note: str


class ToldState(StrEnum):
    """What the platform tells of a request."""

    WAITING = "waiting"
    DONE = "done"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a request. number: the invoice's own, 20 digits. why: in the platform's words."""

    state: ToldState
    number: str = ""
    at: datetime | None = None
    why: str = ""


class TaxPlatform(Protocol):
    """Every call is bounded in time, counted, and may be made again under the same request."""

    async def issue(self, order: InvoiceOrder) -> Told:
        """Issue an invoice. Raises TaxUnavailableError where the platform cannot be reached or does not answer."""

    async def reverse(self, *, request: str, number: str, reason: str) -> Told:
        """Reverse an issued invoice in whole (红字); `number` in the answer is that of the reversal."""

    async def query(self, request: str) -> Told:
        """Tell what became of a request to issue or to reverse."""

    async def download(self, number: str, *, form: Form) -> bytes:
        """Return an invoice as a file."""


class TaxUnavailableError(Exception):
    """The tax platform cannot be reached, or answered what is no answer. It may have done it all the same."""
