"""Shielding: who is never proposed for a cut, and why. Set and ended by a person; kept with who, when and why."""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.arrears.at_hand import Following
from gridhall.billing.arrears.model import Pursuit
from gridhall.billing.arrears.notes import Form, written
from gridhall.billing.arrears.states import Event
from gridhall.billing.arrears.stepping import not_now, pursuit_of, step
from gridhall.kit.mongo import Mongo, Transaction
from gridhall.kit.subject import Refusal


class Shield(StrEnum):
    """Why an account is shielded."""

    HARDSHIP = "hardship"
    """特殊困难客户."""
    LIFE_SUPPORT = "life_support"
    """Somebody's life depends on the supply."""
    CRITICAL = "critical"
    """重要用户: a hospital, a mine, a waterworks. The authority is told before anything is done; here nothing is."""


async def shield(
    *, mongo: Mongo, following: Following, account_id: AccountId, why: Shield, by: str, note: str, now: datetime
) -> Pursuit | Refusal:
    """Shield an account. What was proposed is taken back, and a supply that was cut is asked to be restored."""

    async def work(transaction: Transaction) -> Pursuit | Refusal:
        return await step(
            following=following,
            account_id=account_id,
            event=Event.SHIELD_SET,
            by=by,
            note=written(Form.SHIELDED, why=why, text=note),
            transaction=transaction,
            now=now,
            change=lambda pursuit: replace(pursuit, shield=str(why)),
        )

    return await mongo.transact(work)


async def end_shield(
    *, mongo: Mongo, following: Following, account_id: AccountId, by: str, note: str, now: datetime
) -> Pursuit | Refusal:
    """End a shield; the ladder goes on, not before tomorrow."""

    async def work(transaction: Transaction) -> Pursuit | Refusal:
        return await step(
            following=following,
            account_id=account_id,
            event=Event.SHIELD_ENDED,
            by=by,
            note=note,
            transaction=transaction,
            now=now,
            change=lambda pursuit: replace(pursuit, shield=""),
        )

    return await mongo.transact(work)


async def note_report(
    *, mongo: Mongo, following: Following, account_id: AccountId, by: str, note: str, now: datetime
) -> Pursuit | Refusal:
    """Note that the authority was told of a critical customer's arrears: a line of history, and nothing else."""

    async def work(transaction: Transaction) -> Pursuit | Refusal:
        found = await pursuit_of(following=following, account_id=account_id, transaction=transaction, now=now)
        if isinstance(found, Refusal):
            return found
        pursuit, _ = found
        if pursuit.shield != Shield.CRITICAL:
            return not_now(pursuit)
        told = pursuit.noted("authority_told", by=by, note=note, now=now)
        await following.pursuits.put([told], transaction=transaction)
        return told

    return await mongo.transact(work)
