"""Exact search for customers."""

from gridhall.billing.accounts.repository import AccountRepository
from gridhall.crm.access.repository import HolderRepository
from gridhall.crm.customers.model import Customer
from gridhall.crm.customers.phone import normal_phone
from gridhall.crm.customers.repository import CustomerRepository


async def find_by_phone(*, customers: CustomerRepository, phone: str) -> Customer | None:
    """Return the customer with exactly this phone number. Raises BadPhoneError."""
    return await customers.by_phone(normal_phone(phone))


async def find_by_account_number(
    *, customers: CustomerRepository, accounts: AccountRepository, holders: HolderRepository, number: str
) -> list[Customer]:
    """Return everybody who has to do with exactly this account number: its holder first, then who is bound to it."""
    account_id = await accounts.by_number(number.strip())
    if account_id is None:
        return []
    holder = (await holders.of_accounts([account_id])).get(account_id)
    bound = await customers.bound_to([account_id])
    others = [customer for customer in bound if customer.id != holder]
    first = (await customers.load([holder])).values() if holder else ()
    return [*first, *others]
