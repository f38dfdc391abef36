"""Binding a customer to an account, after proof by a code sent to the account's registered phone."""

from dataclasses import dataclass
from datetime import datetime

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.accounts.repository import AccountRepository
from gridhall.crm.access.model import Bound, CodeSent
from gridhall.crm.access.pace import evenly
from gridhall.crm.access.repository import HolderRepository
from gridhall.crm.codes.model import Purpose
from gridhall.crm.codes.operations import TOO_OFTEN, WRONG, Codes, prove, send, within_quota
from gridhall.crm.customers.model import Binding, Customer, Role
from gridhall.crm.customers.repository import CustomerRepository
from gridhall.kit.subject import Refusal


@dataclass(frozen=True, slots=True)
class Access:
    """What binding needs at hand."""

    accounts: AccountRepository
    customers: CustomerRepository
    holders: HolderRepository
    codes: Codes


async def ask_binding(*, access: Access, customer: Customer, number: str, now: datetime) -> CodeSent | Refusal:
    """Send a code to the phone that is registered for an account number.

    Says the same, after the same time, whether the account exists or not. Counts requests by asker and by phone.
    """
    if not await within_quota(codes=access.codes, who=f"customer:{customer.id}", now=now):
        return TOO_OFTEN
    async with evenly():
        found = await _registered(access, number)
        if found is not None:
            account_id, holder = found
            # The outcome is not told: a phone that was sent too many codes must look like a number that is none.
            await send(
                codes=access.codes,
                purpose=Purpose.BIND,
                phone=holder.phone,
                about=_about(customer, account_id),
                now=now,
            )
    return CodeSent(expires_at=now + access.codes.limits.life)


async def confirm_binding(
    *, access: Access, customer: Customer, number: str, digits: str, now: datetime
) -> Bound | Refusal:
    """Bind the customer to the account if the digits are right: as owner with the registered phone, else as member.

    Idempotent in its effect: one who is bound already stays bound in the role held.
    """
    async with evenly():
        found = await _registered(access, number)
        if found is None:
            return WRONG
        account_id, holder = found
        proof = await prove(
            codes=access.codes,
            purpose=Purpose.BIND,
            phone=holder.phone,
            about=_about(customer, account_id),
            digits=digits,
            now=now,
        )
        if isinstance(proof, Refusal):
            # Whatever is wrong: a number that exists must not be told by its answers from one that does not.
            return WRONG
    role = Role.OWNER if customer.id == holder.id else Role.MEMBER
    await access.customers.bind(customer.id, Binding(account_id, role, now))
    return Bound(account_id)


async def _registered(access: Access, number: str) -> tuple[AccountId, Customer] | None:
    account_id = await access.accounts.by_number(number.strip())
    if account_id is None:
        return None
    holder_id = (await access.holders.of_accounts([account_id])).get(account_id)
    holder = (await access.customers.load([holder_id])).get(holder_id) if holder_id else None
    return (account_id, holder) if holder else None


def _about(customer: Customer, account_id: AccountId) -> str:
    return f"{customer.id}:{account_id}"
