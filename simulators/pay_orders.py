"""The orders of the simulated online payment."""

import json
import re
from dataclasses import dataclass, replace
from datetime import datetime

from gridhall.kit.ids import new_id
from gridhall.kit.money import Fen

_NUMBER = re.compile(r"[0-9A-Za-z_\-|*]{6,64}")
_LONGEST_DESCRIPTION = 127


@dataclass(frozen=True, slots=True)
class PayOrder:
    """One order: what is to be paid, and what is known of its payment.

    is_notified: the merchant answered the callback with 200.
    """

    out_trade_no: str
    total: Fen
    description: str
    notify_url: str
    ordered_at: datetime
    transaction_id: str | None = None
    paid_at: datetime | None = None
    is_notified: bool = False

    @classmethod
    def parse(cls, body: bytes, *, now: datetime) -> "PayOrder":
        """Read an order. Raises BadOrderError that names the field and what is allowed."""
        try:
            said = json.loads(body)
        except ValueError:
            raise BadOrderError("body: not JSON") from None
        if not isinstance(said, dict):
            raise BadOrderError("body: only an object is taken")
        number, total = said.get("out_trade_no"), said.get("total_fen")
        description, notify_url = said.get("description", ""), said.get("notify_url")
        if not isinstance(number, str) or not _NUMBER.fullmatch(number):
            raise BadOrderError("out_trade_no: 6 to 64 of 0-9 A-Z a-z _ - | *")
        if not isinstance(total, int) or isinstance(total, bool) or total < 1:
            raise BadOrderError("total_fen: a whole number of fen from 1 up")
        if not isinstance(description, str) or len(description) > _LONGEST_DESCRIPTION:
            raise BadOrderError(f"description: at most {_LONGEST_DESCRIPTION} characters")
        if not isinstance(notify_url, str) or not notify_url.startswith(("http://", "https://")):
            raise BadOrderError("notify_url: an http or https address")
        return cls(number, Fen(total), description, notify_url, now)

    def pay(self, *, now: datetime) -> "PayOrder":
        """Return the order as paid; what was paid stays as it was."""
        if self.paid_at is not None:
            return self
        return replace(self, transaction_id=new_id().hex, paid_at=now)

    def state(self) -> dict[str, object]:
        """Return the order as the merchant may read it."""
        return {
            "out_trade_no": self.out_trade_no,
            "total_fen": self.total,
            "state": "paid" if self.paid_at else "open",
            "transaction_id": self.transaction_id,
            "paid_at": self.paid_at.isoformat() if self.paid_at else None,
            "notified": self.is_notified,
        }

    def callback(self) -> bytes:
        """Return the body of the callback of a paid order."""
        keys = ("out_trade_no", "transaction_id", "total_fen", "paid_at")
        state = self.state()
        return json.dumps({key: state[key] for key in keys}).encode()


class BadOrderError(ValueError):
    """An order that the gateway does not take; the text names the field and what is allowed."""
