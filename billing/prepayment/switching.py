"""Switching an account between post-paid and pre-paid, from tomorrow on: asked by one, approved by another."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final, Literal

from gridhall.billing.accounts.model import Account, AccountId, PrepaidStay
from gridhall.billing.approvals.model import Kind, OvertakenError, Request, request_for
from gridhall.billing.approvals.operations import Approvals, Approved, RefusedBefore, Waiting, prepare
from gridhall.billing.prepayment.policies import NOT_PREPAID
from gridhall.billing.prepayment.room import Prepaying
from gridhall.billing.prepayment.rules import rules_of
from gridhall.billing.prepayment.watching import end_watch
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Transaction
from gridhall.kit.subject import Refusal

Mode = Literal["post_paid", "prepaid"]

NOT_OFFERED: Final = Refusal("prepayment.not_offered")
SAME_MODE: Final = Refusal("prepayment.same_mode")
OWES: Final = Refusal("prepayment.owes")

_ONE_DAY: Final = timedelta(days=1)


def may_switch(account: Account, *, to: Mode, today: date) -> Literal[True] | Refusal:
    """Only where the region offers it, to the other mode, and to prepayment only an account that owes nothing."""
    tomorrow = today + _ONE_DAY
    if to == "prepaid" and rules_of(account.region, on=tomorrow) is None:
        return NOT_OFFERED
    if account.is_prepaid(tomorrow) == (to == "prepaid"):
        return SAME_MODE
    return OWES if to == "prepaid" and account.balance.owed > 0 else True


def switched(account: Account, *, to: Mode, today: date) -> tuple[PrepaidStay, ...]:
    """Return when an account pays ahead once it was switched from tomorrow on."""
    tomorrow = today + _ONE_DAY
    if to == "prepaid":
        return (*account.prepaid_stays, PrepaidStay(tomorrow))
    ended = [replace(one, to_day=tomorrow) if one.to_day is None else one for one in account.prepaid_stays]
    return tuple(one for one in ended if one.to_day is None or one.from_day < one.to_day)


async def ask_to_switch(
    *, prepaying: Prepaying, approvals: Approvals, account_id: AccountId, to: Mode, reason: str, by: str, now: datetime
) -> Approved | Waiting | RefusedBefore | Refusal:
    """Ask that an account be switched. Idempotent within a day."""
    account = (await prepaying.following.accounts.load([account_id])).get(account_id)
    if account is None:
        return NOT_PREPAID
    today = prepaying.following.today(now)
    may = may_switch(account, to=to, today=today)
    if may is not True:
        return may
    request = request_for(
        account,
        kind=Kind.SWITCH_MODE,
        key=f"{account_id}:{to}:{today}",
        amount=Fen(0),
        reason=reason,
        by=by,
        now=now,
        payload={"to": to},
    )
    return await prepare(approvals=approvals, request=request)


async def carry_out(prepaying: Prepaying, request: Request, transaction: Transaction) -> None:
    """Switch an account from the day after the approval on. Raises OvertakenError where it may not be any more."""
    following = prepaying.following
    now = request.acted_at
    account = (await following.accounts.load([request.account_id], transaction=transaction))[request.account_id]
    to: Mode = "prepaid" if request.payload["to"] == "prepaid" else "post_paid"
    today = following.today(now)
    may = may_switch(account, to=to, today=today)
    if may is not True:
        raise OvertakenError(may.code)
    stays = switched(account, to=to, today=today)
    await following.accounts.set_prepaid_stays(account.id, stays, transaction=transaction)
    if to == "post_paid":
        await end_watch(prepaying=prepaying, account=account, transaction=transaction, now=now)
