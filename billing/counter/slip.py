"""The printed receipt: a slip of 32 columns as counter printers have it, in the caller's language."""

from datetime import datetime
from zoneinfo import ZoneInfo

from gridhall.billing.accounts.model import Account, masked_number
from gridhall.billing.counter.model import Receipt
from gridhall.billing.regions import region
from gridhall.kit.money import yuan
from gridhall.kit.words import Words


def slip(*, receipt: Receipt, account: Account, words: Words, language: str, zone: str) -> str:
    """Return the text of a receipt: what was paid, for whom (masked), and where every fen of it went."""
    said = {
        "supplier": region(account.region).supplier[language],
        "number": receipt.number,
        "account": masked_number(account.number),
        "at": _local(receipt.taken_at, zone),
        "amount": str(yuan(receipt.amount)),
        "to_bills": str(yuan(receipt.to_bills)),
        "to_penalties": str(yuan(receipt.to_penalties)),
        "to_prepaid": str(yuan(receipt.to_prepaid)),
        "cashier": receipt.cashier,
        "hotline": region(account.region).hotline,
    }
    return words.say("counter.slip", language=language, params=said)


def _local(instant: datetime, zone: str) -> str:
    return instant.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
