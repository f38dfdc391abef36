"""Asking for one-time codes and proving them."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from gridhall.crm.codes.model import Code, Limits, Purpose
from gridhall.crm.codes.repository import CodeRepository, QuotaRepository
from gridhall.kit.ids import new_id
from gridhall.kit.mongo import Mongo, Transaction
from gridhall.kit.outbox import Event, Outbox
from gridhall.kit.subject import Refusal

WRONG = Refusal("codes.wrong")
TOO_OFTEN = Refusal("codes.too_often")
TOO_MANY_TRIES = Refusal("codes.too_many_tries")


@dataclass(frozen=True, slots=True)
class Codes:
    """What one-time codes need at hand."""

    mongo: Mongo
    codes: CodeRepository
    quotas: QuotaRepository
    outbox: Outbox
    limits: Limits


async def within_quota(*, codes: Codes, who: str, now: datetime) -> bool:
    """Count a request of `who` (a phone, or an asker) if one more is allowed. Of two at once, one is."""
    asked, revision = await codes.quotas.asked(who)
    recent = [one for one in asked if now - one < timedelta(days=1)]
    if not codes.limits.allow(recent, now=now):
        return False
    return await codes.quotas.note(who, asked=[*recent, now], revision=revision, now=now)


async def send(*, codes: Codes, purpose: Purpose, phone: str, about: str, now: datetime) -> datetime | Refusal:
    """Make a code for a phone, tell the outbox to send it, and return when it ends.

    Not idempotent: every call sends a message, which is why the number of calls a phone is limited.
    """
    if not await within_quota(codes=codes, who=f"phone:{phone}", now=now):
        return TOO_OFTEN
    code = Code(
        id=new_id(),
        purpose=purpose,
        phone=phone,
        about=about,
        digits=f"{secrets.randbelow(10**6):06d}",
        asked_at=now,
        expires_at=now + codes.limits.life,
    )

    async def work(transaction: Transaction) -> None:
        await codes.codes.add(code, transaction=transaction)
        await codes.outbox.add([Event(kind="crm.code_asked", about=code.id, at=now)], transaction=transaction)

    await codes.mongo.transact(work)
    return code.expires_at


async def prove(
    *, codes: Codes, purpose: Purpose, phone: str, about: str, digits: str, now: datetime
) -> bool | Refusal:
    """Return True where the digits are those of the last code sent; the code is used up by that.

    Every try counts, so a code cannot be guessed; after the allowed number of wrong ones it is void.
    """
    code = await codes.codes.try_newest(purpose=purpose, phone=phone, about=about, now=now)
    if code is None:
        return WRONG
    if code.attempts > codes.limits.attempts:
        return TOO_MANY_TRIES
    if not hmac.compare_digest(code.digits.encode(), digits.strip().encode()):
        return WRONG
    return True if await codes.codes.use(code.id, now=now) else WRONG
