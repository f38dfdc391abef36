"""The gate that every approved cut passes, whatever it is for: the last call, lawful hours, and a look to the minute.

A `Cause` says what differs: who may be cut, and what is noted of an account when a cut is made or called off.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from gridhall.billing.accounts.model import Account, AccountId
from gridhall.billing.approvals.model import Request
from gridhall.billing.arrears.at_hand import Following
from gridhall.billing.arrears.cutting.policies import cut_at
from gridhall.billing.arrears.policies import Policy
from gridhall.billing.arrears.queries import UNDER_WAY
from gridhall.billing.payments.repository import IntentRepository
from gridhall.billing.supply.model import OPEN, SupplyKind, SupplyRequest, SupplyState, requests_for
from gridhall.kit.mongo import Mongo, Transaction
from gridhall.kit.subject import Refusal

PAYING: Final = Refusal("arrears.cut_paying")


class Cause(Protocol):
    """What supplies are cut for."""

    @property
    def mongo(self) -> Mongo:
        """The database."""

    @property
    def following(self) -> Following:
        """What money and cuts touch."""

    async def may_cut(self, account_id: AccountId, *, transaction: Transaction, now: datetime) -> Policy | Refusal:
        """Look whether an account may be cut, and return the policy whose hours hold."""

    async def call_off(self, account_id: AccountId, *, why: str, transaction: Transaction, now: datetime) -> None:
        """Note that a cut that was asked for is not made now; it is proposed anew another day."""

    async def reported(self, request: SupplyRequest, *, done: bool, transaction: Transaction, now: datetime) -> None:
        """Note what became of a request at the field system."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """When the last call of an approved cut is made, and before which the cut is not."""

    call_at: datetime
    cut_at: datetime

    @property
    def payload(self) -> Mapping[str, object]:
        """What the event tells of it."""
        return {"call_at": self.call_at.isoformat(), "cut_at": self.cut_at.isoformat()}


async def ask_field_system(
    *,
    following: Following,
    account: Account,
    hours: Policy,
    request: Request,
    reason: str,
    transaction: Transaction,
    now: datetime,
) -> Ahead:
    """Ask the field system for an approved cut, after the last call and in the hours of the policy."""
    last_call = timedelta(minutes=hours.last_call_minutes)
    at = cut_at(rules=hours, earliest=now + last_call, zone=following.zone)
    asked = requests_for(
        account,
        kind=SupplyKind.DISCONNECT,
        cause=str(request.id),
        reason=reason,
        by=request.acted_by,
        now=now,
        not_before=at,
    )
    await following.supply.ask(asked, transaction=transaction)
    return Ahead(at - last_call, at)


async def hand_over(*, cause: Cause, request: SupplyRequest, reference: str, now: datetime) -> SupplyRequest | None:
    """Give a request to the field system, which took it as `reference`; None where it may not be given.

    A cut is looked at once more, to the minute: what may not be cut now is withdrawn, and it is proposed anew.
    """

    async def work(transaction: Transaction) -> SupplyRequest | None:
        supply = cause.following.supply
        if request.kind is SupplyKind.DISCONNECT:
            may = await cause.may_cut(request.account_id, transaction=transaction, now=now)
            why = _not_now(may, request, zone=cause.following.zone, now=now)
            if why is not None:
                void = request.at(SupplyState.WITHDRAWN, now=now, note=why)
                if await supply.move(void, was=[SupplyState.ASKED], transaction=transaction):
                    await cause.call_off(request.account_id, why=why, transaction=transaction, now=now)
                return None
        taken = request.at(SupplyState.ACKNOWLEDGED, now=now, reference=reference)
        return taken if await supply.move(taken, was=[SupplyState.ASKED], transaction=transaction) else None

    return await cause.mongo.transact(work)


async def report(*, cause: Cause, request: SupplyRequest, done: bool, note: str, now: datetime) -> SupplyRequest | None:
    """Note that the field system has done what it was asked, or failed; None where that was known before."""

    async def work(transaction: Transaction) -> SupplyRequest | None:
        over = request.at(SupplyState.DONE if done else SupplyState.FAILED, now=now, note=note)
        if not await cause.following.supply.move(over, was=OPEN, transaction=transaction):
            return None
        await cause.reported(over, done=done, transaction=transaction, now=now)
        return over

    return await cause.mongo.transact(work)


async def is_paying(intents: IntentRepository, account_id: AccountId, *, now: datetime) -> bool:
    """Whether somebody started to pay for an account just now; until that is over nobody is cut."""
    return await intents.last_started(account_id, since=now - UNDER_WAY) is not None


def _not_now(may: Policy | Refusal, request: SupplyRequest, *, zone: str, now: datetime) -> str | None:
    if isinstance(may, Refusal):
        return may.code
    if now < request.not_before or cut_at(rules=may, earliest=now, zone=zone) != now:
        return "arrears.cut_hours"
    return None
