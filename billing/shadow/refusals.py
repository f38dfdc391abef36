"""Why a bill of a supplier is not taken: a code, the field at fault, and what is allowed."""

from typing import Final

from gridhall.billing.shadow.model import Refused, ToldBill

NOT_READABLE: Final = "not-readable"
BAD_FIELD: Final = "bad-field"
UNKNOWN_ACCOUNT: Final = "unknown-account"
NOT_SHADOW: Final = "region-issues-itself"
MONTH_HAS_BILL: Final = "month-has-bill"
PAID_ALREADY: Final = "paid-already"
NOTHING_TO_REPLACE: Final = "nothing-to-replace"
MOVED: Final = "account-changed"

_REASONS: Final = {
    UNKNOWN_ACCOUNT: ("account", "no such account here, or not one that you may send bills of"),
    NOT_SHADOW: ("account", 'its region issues its own bills; set billing = "shadow" in regions.toml first'),
    MONTH_HAS_BILL: ("month", "the account has a bill of this month with another number; name that in `replaces`"),
    PAID_ALREADY: (
        "number",
        "this number came before, says other things now and was paid; send a new number and name this in `replaces`",
    ),
    NOTHING_TO_REPLACE: ("replaces", "must be the number of a bill of the same account and month that stands"),
    MOVED: ("account", "the account changed while its bill was taken; send it again"),
}


def refused(bill: ToldBill, code: str, *, line: int, raw: str) -> Refused:
    """Return a bill that could be read and is not taken."""
    field, reason = _REASONS[code]
    return Refused(line, bill.number, code, field, reason, raw)
