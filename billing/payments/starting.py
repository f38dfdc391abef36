"""Starting an online payment: of bills, of what accounts owe, of a part of it, or just ahead."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from gridhall.billing.accounts.model import Account, AccountId
from gridhall.billing.bills.model import Bill, BillId
from gridhall.billing.payments.model import Bounds, Intent, Part, TradeNumber
from gridhall.billing.payments.owing import Owing, owing
from gridhall.billing.payments.port import OnlineProvider, Order
from gridhall.billing.payments.repository import AskedBeforeError
from gridhall.billing.payments.till import Payments
from gridhall.kit.money import Fen

LIFE: Final = timedelta(hours=2)
"""How long an order may be confirmed; WeChat Pay's own prepay_id lives as long."""

FIRST_ASKED_AFTER: Final = timedelta(minutes=1)
"""When the provider is asked for the first time, in case its callback was lost."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be paid for one account.

    bill_ids: these bills with their penalties; none is whatever the account owes. amount: how much, be it a part of
    that, or more, which is then paid ahead; None is exactly what is owed, penalties through today included.
    """

    account: Account
    bill_ids: tuple[BillId, ...] = ()
    amount: Fen | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """The payment is ready to be confirmed as `intent.pay_url` or `intent.client` says."""

    intent: Intent


@dataclass(frozen=True, slots=True)
class NothingToPay:
    """One of the bills is paid already, or is no bill of the account that may be paid."""

    bill_id: BillId


@dataclass(frozen=True, slots=True)
class NothingOwed:
    """The account owes nothing, and no amount was named to pay ahead."""

    account_id: AccountId


@dataclass(frozen=True, slots=True)
class AmountRefused:
    """The amount for an account lies outside of what one payment may be."""

    account_id: AccountId
    bounds: Bounds


@dataclass(frozen=True, slots=True)
class KeyReused:
    """The idempotency key was used before for another payment."""


Refused = NothingToPay | NothingOwed | AmountRefused | KeyReused


async def start(
    *,
    payments: Payments,
    provider: OnlineProvider,
    wanted: Sequence[Wanted],
    payer: str,
    key: str,
    description: str,
    now: datetime,
    payer_at_provider: str | None = None,
) -> Started | Refused:
    """Start an online payment for one or several accounts, one `wanted` an account.

    Idempotent by payer and key: a repetition returns the same intent. What the payer had started before for one of
    the accounts is superseded. payer_at_provider: how the provider knows the payer (an openid), where it must.
    Raises ProviderUnavailableError where the provider does not take the order; asking again is safe then.
    """
    asked_by = f"{payer}:{key}"
    intent = await payments.intents.asked(asked_by)
    if intent is None:
        parts = await _parts(payments, wanted, now)
        if not isinstance(parts, tuple):
            return parts
        intent = Intent(
            number=TradeNumber(secrets.token_hex(16)),
            parts=parts,
            region=wanted[0].account.region,
            provider=provider.name,
            payer=payer,
            asked_by=asked_by,
            started_at=now,
            expires_at=now + LIFE,
            ask_at=now + FIRST_ASKED_AFTER,
        )
        try:
            await payments.intents.add(intent)
        except AskedBeforeError:
            intent = await payments.intents.asked(asked_by) or intent
    if intent.provider != provider.name or not _answers(intent, wanted):
        return KeyReused()
    if not intent.placed:
        order = Order(intent.number, intent.amount, description, payer_at_provider, intent.expires_at)
        await payments.intents.set_placed(intent.number, await provider.place(order))
        intent = await payments.intents.load(intent.number) or intent
        accounts = [part.account_id for part in intent.parts]
        await payments.intents.supersede(account_ids=accounts, payer=payer, by=intent.number)
    return Started(intent)


async def _parts(payments: Payments, wanted: Sequence[Wanted], now: datetime) -> tuple[Part, ...] | Refused:
    bills = await payments.bills.load({bill_id for one in wanted for bill_id in one.bill_ids})
    following = payments.following
    owed = await owing(following=following, accounts=[one.account for one in wanted], today=following.today(now))
    parts = []
    for one in wanted:
        found = {bill_id: bills.get(bill_id) for bill_id in one.bill_ids}
        part = _part(one, found, owed[one.account.id], payments.bounds)
        if not isinstance(part, Part):
            return part
        parts.append(part)
    return tuple(parts)


def _part(wanted: Wanted, bills: Mapping[BillId, Bill | None], owed: Owing, bounds: Bounds) -> Part | Refused:
    account = wanted.account
    for bill_id, bill in bills.items():
        if bill is None or bill.account_id != account.id or not (bill.owed or owed.by_bill.get(bill_id)):
            return NothingToPay(bill_id)
    principal = Fen(sum(bill.owed for bill in bills.values() if bill)) if bills else owed.bills
    penalty = Fen(sum(owed.by_bill.get(bill_id, 0) for bill_id in bills)) if bills else owed.penalty
    due = Fen(principal + penalty)
    amount = due if wanted.amount is None else wanted.amount
    if amount <= 0 and wanted.amount is None:
        return NothingOwed(account.id)
    if amount != due and not bounds.least <= amount <= bounds.most:
        return AmountRefused(account.id, bounds)
    return Part(account.id, tuple(bills), amount, penalty=Fen(max(0, min(penalty, amount - principal))))


def _answers(intent: Intent, wanted: Sequence[Wanted]) -> bool:
    """Say whether an intent is what is wanted; where no amount was named, what it asks for is as it was then."""
    asked = {one.account.id: one for one in wanted}
    if asked.keys() != {part.account_id for part in intent.parts}:
        return False
    return all(
        set(part.bill_ids) == set(asked[part.account_id].bill_ids)
        and asked[part.account_id].amount in {None, part.amount}
        for part in intent.parts
    )
