"""The bill that a person names, by its id or by the number that is printed on it."""

from typing import Final
from uuid import UUID

from gridhall.billing.accounts.repository import AccountRepository
from gridhall.billing.bills.model import Bill, BillId
from gridhall.billing.bills.repository import BillRepository
from gridhall.kit.localdays import Month

_LABEL: Final = len("202610")


async def bill_named(which: str, *, bills: BillRepository, accounts: AccountRepository) -> Bill | None:
    """Return the bill of an id or a number; None where there is none, or it is neither."""
    return await _by_id(which, bills) or await _by_number(which, bills, accounts)


async def _by_id(text: str, bills: BillRepository) -> Bill | None:
    try:
        bill_id = BillId(UUID(text))
    except ValueError:
        return None
    return (await bills.load([bill_id])).get(bill_id)


async def _by_number(number: str, bills: BillRepository, accounts: AccountRepository) -> Bill | None:
    """Return the bill of a number: it begins with its month, and then comes its account."""
    try:
        month = Month.parse(f"{number[: _LABEL - 2]}-{number[_LABEL - 2 : _LABEL]}")
    except ValueError:
        return None
    for account_number in (number[_LABEL:-1], number[_LABEL:-2]):
        account_id = await accounts.by_number(account_number)
        found = await bills.since([account_id], month=month) if account_id else {}
        if named := [bill for one in found.values() for bill in one if bill.number == number]:
            return named[0]
    return None
