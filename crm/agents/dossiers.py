"""What an agent sees of a customer: the person, and those of the accounts that lie in the agent's district."""

from collections.abc import Sequence
from dataclasses import dataclass

from gridhall.billing.accounts.model import Account
from gridhall.billing.accounts.repository import AccountRepository
from gridhall.crm.access.repository import HolderRepository
from gridhall.crm.agents.policies import may_serve, may_serve_everywhere
from gridhall.crm.customers.model import Customer, CustomerId
from gridhall.crm.customers.queries import find_by_account_number, find_by_phone
from gridhall.crm.customers.repository import CustomerRepository
from gridhall.kit.subject import Subject

HOLDER = "holder"
"""What a customer is on an account that is in the customer's name but was never bound."""


@dataclass(frozen=True, slots=True)
class SeenAccount:
    """An account, and what the customer is on it: a role of a binding, or its holder who never bound it."""

    account: Account
    role: str


@dataclass(frozen=True, slots=True)
class Dossier:
    """A customer and the accounts that the agent may see, in the order of their ids."""

    customer: Customer
    accounts: tuple[SeenAccount, ...]


@dataclass(frozen=True, slots=True)
class Dossiers:
    """Where dossiers are read."""

    customers: CustomerRepository
    holders: HolderRepository
    accounts: AccountRepository

    async def of(self, subject: Subject, customer_ids: Sequence[CustomerId]) -> dict[CustomerId, Dossier]:
        """Return what the subject may see of customers; those of whom that is nothing are left out."""
        customers = await self.customers.load(customer_ids)
        return {one.customer.id: one for one in await self._seen(subject, list(customers.values()))}

    async def by_phone(self, subject: Subject, phone: str) -> list[Dossier]:
        """Return whoever has exactly this phone, if the subject may see them. Raises BadPhoneError."""
        customer = await find_by_phone(customers=self.customers, phone=phone)
        return await self._seen(subject, [customer] if customer else [])

    async def by_account_number(self, subject: Subject, number: str) -> list[Dossier]:
        """Return whom the subject may see of those who have to do with exactly this account number."""
        found = await find_by_account_number(
            customers=self.customers, accounts=self.accounts, holders=self.holders, number=number
        )
        return await self._seen(subject, found)

    async def _seen(self, subject: Subject, customers: Sequence[Customer]) -> list[Dossier]:
        held = await self.holders.held_by([customer.id for customer in customers])
        roles = {
            customer.id: dict.fromkeys(held.get(customer.id, ()), HOLDER)
            | {binding.account_id: str(binding.role) for binding in customer.bindings}
            for customer in customers
        }
        known = await self.accounts.load({account_id for one in roles.values() for account_id in one})
        seen = {
            account_id: account
            for account_id, account in known.items()
            if may_serve(subject, region=account.region, org_path=account.org_path) is True
        }
        dossiers = [
            Dossier(
                customer,
                tuple(SeenAccount(seen[one], role) for one, role in sorted(roles[customer.id].items()) if one in seen),
            )
            for customer in customers
        ]
        # Whoever has no account lies in no district, and is seen by those who serve every one.
        everywhere = may_serve_everywhere(subject)
        return [one for one in dossiers if one.accounts or (everywhere and not roles[one.customer.id])]
