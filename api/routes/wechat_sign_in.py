"""Signing in by the WeChat mini-program, and linking a WeChat user to a phone number."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, model_validator

from gridhall.api.problems import ProblemError
from gridhall.api.routes.sign_in import Tokens, phone_of, tokens_for
from gridhall.api.state import State, state_of
from gridhall.crm.customers.model import Customer
from gridhall.crm.wechat.model import WeChatUnavailableError
from gridhall.crm.wechat.operations import LinkTicket, link_by_phone_code, link_by_sms_code, sign_in
from gridhall.kit.log import logger
from gridhall.kit.subject import Refusal
from gridhall.kit.words import choose_language

router = APIRouter(prefix="/v1/sign-in/wechat", tags=["sign-in"])

_log = logger("api.sign_in")

_CODE = Field(min_length=1, max_length=128)


class WeChatCode(BaseModel):
    """What `wx.login` gave the mini-program."""

    code: str = _CODE


class ToBeLinked(BaseModel):
    """The WeChat user is nobody's yet: show a phone number within the life of the ticket."""

    link_ticket: str
    expires_at: str


class Link(BaseModel):
    """The ticket, and either the code of the mini-program's phone button, or a phone and the digits it received."""

    ticket: str = Field(min_length=20, max_length=128)
    phone_code: str | None = Field(default=None, min_length=1, max_length=128)
    phone: str | None = Field(default=None, min_length=5, max_length=24)
    code: str | None = Field(default=None, pattern=r"^\d{6}$")

    @model_validator(mode="after")
    def _one_proof(self) -> Self:
        by_wechat, by_sms = self.phone_code is not None, self.phone is not None and self.code is not None
        if by_wechat == by_sms:
            raise ValueError("give phone_code, or phone and code")
        return self


@router.post("")
async def sign_in_by_wechat(request: Request, given: WeChatCode) -> Tokens | ToBeLinked:
    """Sign in with a login code; a WeChat user who is not linked yet gets a ticket instead of tokens."""
    state = state_of(request)
    with _reaching_wechat():
        outcome = await sign_in(door=state.hall.people.wechat, code=given.code, now=state.clock.now())
    if isinstance(outcome, LinkTicket):
        return ToBeLinked(link_ticket=outcome.text, expires_at=outcome.expires_at.isoformat())
    return await _signed_in(state, outcome)


@router.post("/link")
async def link(request: Request, given: Link) -> Tokens:
    """Link the WeChat user of a ticket to the customer of a phone, and sign in; whoever is new becomes a customer."""
    state = state_of(request)
    door, now = state.hall.people.wechat, state.clock.now()
    language = choose_language(request.headers.get("accept-language"))
    if given.phone_code is not None:
        with _reaching_wechat():
            outcome = await link_by_phone_code(
                door=door, ticket=given.ticket, phone_code=given.phone_code, language=language, now=now
            )
    else:
        outcome = await link_by_sms_code(
            door=door,
            ticket=given.ticket,
            phone=phone_of(given.phone or ""),
            digits=given.code or "",
            language=language,
            now=now,
        )
    return await _signed_in(state, outcome)


@contextmanager
def _reaching_wechat() -> Iterator[None]:
    try:
        yield
    except WeChatUnavailableError as error:
        _log.error("WeChat unavailable", reason=error.reason)
        raise ProblemError("wechat.unavailable", headers={"Retry-After": "5"}) from None


async def _signed_in(state: State, outcome: Customer | Refusal) -> Tokens:
    if isinstance(outcome, Refusal):
        raise ProblemError(outcome.code, outcome.params)
    return tokens_for(state, outcome.id, await state.refresh_tokens.first(outcome.id, now=state.clock.now()))
