"""Start paying bills, or whatever accounts owe."""

import strawberry

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.bills.model import BillId
from gridhall.billing.payments.starting import Wanted
from gridhall.crm.access.policies import may_pay
from gridhall.graphql.context import Info
from gridhall.graphql.errors import RefusedError, require
from gridhall.graphql.ids import uuid_in
from gridhall.graphql.mutations.start_payment import PayBillsResult, started
from gridhall.graphql.types.paying import PaymentProvider
from gridhall.kit.money import Fen
from gridhall.kit.paging import MAX_PAGE

_MOST_ACCOUNTS = 20
_BAD_ACCOUNTS = {"field": "accounts", "most": _MOST_ACCOUNTS}


@strawberry.input(description="What to pay for one account.")
class AccountToPay:
    """What to pay for one account."""

    account_id: strawberry.ID
    bill_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="These bills with their penalties; null for whatever the account owes."
    )
    fen: int | None = strawberry.field(
        default=None,
        description="How much: a part of what is owed, or more, which is paid ahead. Null is exactly what is owed.",
    )


@strawberry.input(description="Bills of one account, or several accounts at once: exactly one of the two.")
class PayBillsInput:
    """Bills of one account, or several accounts, to pay in one go."""

    account_id: strawberry.ID | None = None
    bill_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Of `accountId`; null for whatever it owes."
    )
    accounts: list[AccountToPay] = strawberry.field(default_factory=list, description="At most 20.")
    idempotency_key: str = strawberry.field(
        description="8 to 64 characters, one a payment: repeating the request with it starts no second payment."
    )
    provider: PaymentProvider = strawberry.field(
        default=PaymentProvider.ALIPAY, description="Through whom the customer pays."
    )


@strawberry.mutation(description="Start paying bills, or what is owed, of accounts that the caller may pay for.")
async def pay_bills(info: Info, input: PayBillsInput) -> PayBillsResult:
    """Start paying bills."""
    info.context.signed_in()
    chosen = list(input.accounts)
    if input.account_id is not None:
        chosen.append(AccountToPay(account_id=input.account_id, bill_ids=input.bill_ids))
    if (input.account_id is None) != bool(input.accounts) or len(chosen) > _MOST_ACCOUNTS:
        raise RefusedError("input.bad_list", _BAD_ACCOUNTS)
    wanted = [await _wanted(info, one) for one in chosen]
    # Not before they are read: the id of an account may be written in several ways.
    if len({one.account.id for one in wanted}) != len(wanted):
        raise RefusedError("input.bad_list", _BAD_ACCOUNTS)
    return await started(info, wanted, provider=input.provider, key=input.idempotency_key)


async def _wanted(info: Info, one: AccountToPay) -> Wanted:
    account_id = AccountId(uuid_in(one.account_id, "Account", field="accountId"))
    require(may_pay(info.context.subject, account_id))
    bill_ids = tuple(BillId(uuid_in(bill_id, "Bill", field="billIds")) for bill_id in one.bill_ids or ())
    if one.bill_ids is not None and not 1 <= len(set(bill_ids)) == len(bill_ids) <= MAX_PAGE:
        raise RefusedError("input.bad_list", {"field": "billIds", "most": MAX_PAGE})
    account = await info.context.hall.accounts.load(account_id)
    if account is None:
        raise RefusedError("access.not_your_account")
    return Wanted(account, bill_ids, None if one.fen is None else Fen(one.fen))
