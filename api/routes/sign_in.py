"""Signing in by a one-time code to a phone, refreshing, signing out."""

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from gridhall.api.problems import ProblemError
from gridhall.api.state import State, state_of
from gridhall.crm.codes.model import Purpose
from gridhall.crm.codes.operations import prove, send
from gridhall.crm.customers.model import Customer, CustomerId
from gridhall.crm.customers.phone import BadPhoneError, normal_phone
from gridhall.crm.customers.repository import new_customer_id
from gridhall.kit.subject import Refusal
from gridhall.kit.words import choose_language

router = APIRouter(prefix="/v1/sign-in", tags=["sign-in"])

PHONE = Field(min_length=5, max_length=24, examples=["13800000001"])


class AskCode(BaseModel):
    """Whose phone a code is asked for."""

    phone: str = PHONE


class CodeAsked(BaseModel):
    """The code is on its way."""

    expires_at: str


class SignIn(BaseModel):
    """The phone, and the digits it received."""

    phone: str = PHONE
    code: str = Field(min_length=6, max_length=6, pattern=r"^\d{6}$")


class Refresh(BaseModel):
    """The last refresh token."""

    refresh_token: str = Field(min_length=40, max_length=200)


class Tokens(BaseModel):
    """An access token for the next minutes, and the refresh token for the next one."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 - the scheme, not a secret
    expires_at: str
    refresh_token: str


@router.post("/code", status_code=202)
async def ask_code(request: Request, asked: AskCode) -> CodeAsked:
    """Send a one-time code to a phone."""
    state = state_of(request)
    sent = await send(
        codes=state.hall.people.codes,
        purpose=Purpose.SIGN_IN,
        phone=phone_of(asked.phone),
        about="",
        now=state.clock.now(),
    )
    if isinstance(sent, Refusal):
        raise ProblemError(sent.code, sent.params, headers={"Retry-After": "60"})
    return CodeAsked(expires_at=sent.isoformat())


@router.post("/token")
async def sign_in(request: Request, given: SignIn) -> Tokens:
    """Sign in with the code; whoever is new becomes a customer."""
    state = state_of(request)
    phone, now = phone_of(given.phone), state.clock.now()
    people = state.hall.people
    proof = await prove(codes=people.codes, purpose=Purpose.SIGN_IN, phone=phone, about="", digits=given.code, now=now)
    if isinstance(proof, Refusal):
        raise ProblemError(proof.code, proof.params)
    language = choose_language(request.headers.get("accept-language"))
    customer = await people.customers.get_or_add(Customer(new_customer_id(), phone=phone, language=language), now=now)
    return tokens_for(state, customer.id, await state.refresh_tokens.first(customer.id, now=now))


@router.post("/refresh")
async def refresh(request: Request, given: Refresh) -> Tokens:
    """Exchange a refresh token; it is good once."""
    state = state_of(request)
    exchanged = await state.refresh_tokens.exchange(given.refresh_token, now=state.clock.now())
    if exchanged is None:
        raise ProblemError("tokens.ended")
    customer_id, refresh_token = exchanged
    return tokens_for(state, CustomerId(customer_id), refresh_token)


@router.post("/out", status_code=204)
async def sign_out(request: Request, given: Refresh) -> None:
    """End the sign-in to which a refresh token belongs."""
    await state_of(request).refresh_tokens.end(given.refresh_token)


def tokens_for(state: State, customer_id: CustomerId, refresh_token: str) -> Tokens:
    """Return the tokens of a customer who has just proved to be one."""
    access = state.access_tokens.sign(customer_id, now=state.clock.now())
    return Tokens(access_token=access.text, expires_at=access.expires_at.isoformat(), refresh_token=refresh_token)


def phone_of(text: str) -> str:
    """Return a phone number in its normal form. Raises ProblemError where it is none."""
    try:
        return normal_phone(text)
    except BadPhoneError:
        raise ProblemError("input.bad_phone") from None
