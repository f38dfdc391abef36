"""Giving and taking back the consent to be topped up, and what is due by it."""

from collections.abc import Collection, Mapping
from datetime import datetime

from gridhall.billing.accounts.model import Account, AccountId
from gridhall.billing.bank.repository import MandateRepository
from gridhall.billing.prepayment.repository import PrepaymentRepository, TopUpConsentRepository
from gridhall.billing.prepayment.room import Prepaying
from gridhall.billing.prepayment.top_ups import NO_MANDATE, NOT_PREPAID, TopUpConsent, may_consent
from gridhall.kit.money import Fen
from gridhall.kit.subject import Refusal


async def consent(
    *, prepaying: Prepaying, mandates: MandateRepository, wish: TopUpConsent, now: datetime
) -> TopUpConsent | Refusal:
    """Keep a customer's consent, for an account that pays ahead and has a bank mandate."""
    fine = may_consent(below=wish.below, amount=wish.amount, daily_most=wish.daily_most)
    if fine is not True:
        return fine
    account = (await prepaying.following.accounts.load([wish.account_id])).get(wish.account_id)
    if account is None or not any(stay.to_day is None for stay in account.prepaid_stays):
        return NOT_PREPAID
    mandate = await mandates.open_of(wish.account_id)
    if mandate is None or not mandate.holds(prepaying.following.today(now)):
        return NO_MANDATE
    await prepaying.consents.put(wish)
    return wish


async def due_top_ups(
    *,
    consents: TopUpConsentRepository,
    prepayments: PrepaymentRepository,
    accounts: Collection[Account],
) -> Mapping[AccountId, Fen]:
    """Return what is to be collected of accounts by their consents now; the others are left out.

    A collection file has one item an account and day, so the most of a day is the most of an item.
    """
    given = await consents.holding([account.id for account in accounts])
    known = await prepayments.load(given)
    due = {
        account.id: given[account.id].due(known[account.id].balance(account))
        for account in accounts
        if account.id in known and any(stay.to_day is None for stay in account.prepaid_stays)
    }
    return {account_id: amount for account_id, amount in due.items() if amount > 0}
