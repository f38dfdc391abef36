"""Who is told about an account: its holder and everybody who is bound to it."""

from collections.abc import Collection
from dataclasses import dataclass

from gridhall.billing.accounts.model import AccountId
from gridhall.crm.access.repository import HolderRepository
from gridhall.crm.customers.model import Customer, CustomerId, Role
from gridhall.crm.customers.repository import CustomerRepository


@dataclass(frozen=True, slots=True)
class Audience:
    """Reads holders and bindings."""

    customers: CustomerRepository
    holders: HolderRepository

    async def of(
        self, account_ids: Collection[AccountId], *, roles: Collection[Role] = tuple(Role)
    ) -> dict[AccountId, list[Customer]]:
        """Return the holder of each account and who is bound to it in one of the roles, in two round trips or three."""
        holders = await self.holders.of_accounts(account_ids)
        people: dict[AccountId, dict[CustomerId, Customer]] = {account_id: {} for account_id in account_ids}
        for customer in await self.customers.bound_to(account_ids):
            for binding in customer.bindings:
                if binding.account_id in people and binding.role in roles:
                    people[binding.account_id][customer.id] = customer
        known = await self.customers.load(set(holders.values()))
        for account_id, holder_id in holders.items():
            if holder_id in known:
                people[account_id][holder_id] = known[holder_id]
        return {account_id: list(found.values()) for account_id, found in people.items()}
