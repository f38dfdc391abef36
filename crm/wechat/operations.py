"""Signing in by WeChat: a login code names the user, and a phone number links the user to a customer."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from gridhall.crm.codes.model import Purpose
from gridhall.crm.codes.operations import Codes, prove
from gridhall.crm.consents.operations import Consents
from gridhall.crm.customers.model import Customer
from gridhall.crm.customers.phone import BadPhoneError, normal_phone
from gridhall.crm.customers.repository import CustomerRepository, new_customer_id
from gridhall.crm.wechat.client import WeChatClient
from gridhall.crm.wechat.model import Outcome, WeChatRefusal, WeChatUnavailableError
from gridhall.crm.wechat.push import EVENTS, read_push
from gridhall.crm.wechat.repository import TicketRepository
from gridhall.kit.mongo import Mongo, Transaction
from gridhall.kit.subject import Refusal

BAD_CODE: Final = Refusal("wechat.bad_code")
BAD_TICKET: Final = Refusal("wechat.bad_ticket")
BAD_PHONE: Final = Refusal("input.bad_phone")

_REFUSALS: Final = {
    Outcome.BAD_CODE: BAD_CODE,
    Outcome.CODE_USED: BAD_CODE,
    Outcome.TOO_OFTEN: Refusal("wechat.too_often"),
    Outcome.BLOCKED: Refusal("wechat.blocked"),
}
"""What the user can do something about; whatever else WeChat refuses is our trouble with it."""

_TICKET_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class LinkTicket:
    """WeChat said who it is, but we do not know whose customer that is yet. Good once, for a phone number."""

    text: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class WeChatDoor:
    """What signing in by WeChat needs at hand. ticket_life: how long a user may take to show a phone number."""

    mongo: Mongo
    client: WeChatClient
    tickets: TicketRepository
    customers: CustomerRepository
    codes: Codes
    consents: Consents
    ticket_life: timedelta


async def sign_in(*, door: WeChatDoor, code: str, now: datetime) -> Customer | LinkTicket | Refusal:
    """Return the customer whom a login code names, else a ticket to be linked. Raises WeChatUnavailableError."""
    user = await door.client.user_of(code)
    if isinstance(user, WeChatRefusal):
        return _told(user)
    customer = await door.customers.by_openid(user.openid)
    if customer is not None and customer.openid == user.openid:
        return customer
    ticket = LinkTicket(secrets.token_urlsafe(_TICKET_BYTES), now + door.ticket_life)
    await door.tickets.add(ticket.text, openid=user.openid, expires_at=ticket.expires_at)
    return ticket


async def link_by_phone_code(
    *, door: WeChatDoor, ticket: str, phone_code: str, language: str, now: datetime
) -> Customer | Refusal:
    """Link by the number that the user showed us in WeChat, which has proved it. Raises WeChatUnavailableError."""
    if await door.tickets.openid_of(ticket, now=now) is None:
        return BAD_TICKET  # before the phone code is spent on it
    shown = await door.client.phone_of(phone_code)
    if isinstance(shown, WeChatRefusal):
        return _told(shown)
    try:
        phone = normal_phone(shown)
    except BadPhoneError:
        return BAD_PHONE
    return await _link(door, ticket, phone, language, now)


async def link_by_sms_code(
    *, door: WeChatDoor, ticket: str, phone: str, digits: str, language: str, now: datetime
) -> Customer | Refusal:
    """Link by a code that we sent to the phone, for whoever does not want to show WeChat's number."""
    if await door.tickets.openid_of(ticket, now=now) is None:
        return BAD_TICKET
    proof = await prove(codes=door.codes, purpose=Purpose.SIGN_IN, phone=phone, about="", digits=digits, now=now)
    if isinstance(proof, Refusal):
        return proof
    return await _link(door, ticket, phone, language, now)


async def take_push(*, door: WeChatDoor, body: bytes, now: datetime) -> tuple[str, str]:
    """Take in what WeChat pushed, and return the event's name and what became of it, for the count."""
    pushed = read_push(body)
    if pushed is None:
        return "unreadable", "ignored"
    if pushed.event not in EVENTS:
        return "other", "ignored"
    rejected = [key for key, template in door.consents.templates.items() if template.id in pushed.rejected]
    customer = await door.customers.by_openid(pushed.openid) if rejected else None
    if customer is None:
        return pushed.event, "ignored"
    for key in rejected:
        await door.consents.used_up(customer_id=customer.id, template=key, now=now)
    return pushed.event, "emptied"


async def _link(door: WeChatDoor, ticket: str, phone: str, language: str, now: datetime) -> Customer | Refusal:
    openid = await door.tickets.openid_of(ticket, now=now)
    if openid is None:
        return BAD_TICKET
    customer = await door.customers.get_or_add(Customer(new_customer_id(), phone=phone, language=language), now=now)

    async def work(transaction: Transaction) -> bool:
        if not await door.tickets.use(ticket, transaction=transaction):
            return False
        for changed in await door.customers.link_openid(customer.id, openid, transaction=transaction):
            # What was allowed was allowed by another WeChat user.
            await door.consents.repository.forget(changed, door.consents.templates, transaction=transaction)
        return True

    return customer if await door.mongo.transact(work) else BAD_TICKET


def _told(refusal: WeChatRefusal) -> Refusal:
    """Return what the user is told. Raises WeChatUnavailableError for what is no fault of the user's."""
    told = _REFUSALS.get(refusal.outcome)
    if told is None:
        raise WeChatUnavailableError(f"errcode-{refusal.errcode}")
    return told
