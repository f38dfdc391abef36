"""Mandates at the desk: note a signed authorisation to collect (代扣), and end it."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

import strawberry

from gridhall.billing.accounts.model import Account, AccountId
from gridhall.billing.bank.model import Mandate, mandate_id
from gridhall.billing.bank.repository import MandateOpenError
from gridhall.crm.agents.money_policies import may_keep_books
from gridhall.graphql.context import Info
from gridhall.graphql.errors import RefusedError, require
from gridhall.graphql.ids import uuid_in
from gridhall.graphql.mutations.refused import Refused, refused
from gridhall.graphql.types.ledger import BankMandate
from gridhall.kit.localdays import local_day
from gridhall.kit.subject import Refusal

_BANK: Final = re.compile(r"[a-z0-9]{2,16}", re.ASCII)
_CARD: Final = re.compile(r"\d{8,32}", re.ASCII)
_HOLDER: Final = range(1, 61)
_EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
_CLOCKS_APART: Final = timedelta(minutes=5)


@strawberry.input(description="A signed authorisation to collect what an account owes.")
class AddMandateInput:
    """A signed authorisation."""

    account_id: strawberry.ID = strawberry.field(description="The DeskAccount's id.")
    bank: str = strawberry.field(description="Code of the bank, like `icbc`.")
    card: str = strawberry.field(description="8 to 32 digits; sealed at rest, never shown again but for its end.")
    holder: str
    signed_at: datetime


@strawberry.type(description="The mandate as it is now.")
class MandateChanged:
    """The mandate as it is now."""

    mandate: BankMandate


MandateResult = Annotated[MandateChanged | Refused, strawberry.union("MandateResult", description="What came of it.")]


@strawberry.mutation(
    description="Note a signed mandate; the same paper again changes nothing. For accountants and supervisors."
)
async def add_mandate(info: Info, input: AddMandateInput) -> MandateResult:
    """Note a mandate."""
    hall, account = info.context.hall, await _kept_account(info, input.account_id)
    wrong = next((name for name, good in _checks(input, now=hall.clock.now()).items() if not good), None)
    if wrong is not None:
        return refused(Refusal("bank.bad_mandate", {"field": wrong}), info)
    today = local_day(hall.clock.now(), hall.settings.time_zone)
    mandate = Mandate(
        id=mandate_id(account_id=account.id, card=input.card, signed_at=input.signed_at),
        account_id=account.id,
        region=account.region,
        bank=input.bank,
        card=input.card,
        holder=input.holder,
        from_day=max(today, local_day(input.signed_at, hall.settings.time_zone)),
        signed_at=input.signed_at,
    )
    try:
        await hall.billing.collecting.mandates.add(mandate)
    except MandateOpenError:
        return refused(Refusal("bank.mandate_open"), info)
    return MandateChanged(mandate=BankMandate.of(mandate))


@strawberry.mutation(description="End the mandate of an account as of today. For accountants and supervisors.")
async def end_mandate(info: Info, account_id: strawberry.ID) -> MandateResult:
    """End a mandate."""
    hall, account = info.context.hall, await _kept_account(info, account_id)
    mandates = hall.billing.collecting.mandates
    mandate = await mandates.open_of(account.id)
    if mandate is None:
        return refused(Refusal("bank.no_mandate"), info)
    await mandates.end(mandate.id, on=local_day(hall.clock.now(), hall.settings.time_zone))
    ended = (await mandates.load([mandate.id]))[mandate.id]
    return MandateChanged(mandate=BankMandate.of(ended))


async def _kept_account(info: Info, global_id: strawberry.ID) -> Account:
    info.context.at_desk()
    account = await info.context.hall.accounts.load(AccountId(uuid_in(global_id, "DeskAccount", field="accountId")))
    if account is None:
        raise RefusedError("access.not_your_district")
    require(may_keep_books(info.context.subject, region=account.region, org_path=account.org_path))
    return account


def _checks(input: AddMandateInput, *, now: datetime) -> dict[str, bool]:
    signed_at = input.signed_at
    return {
        "bank": _BANK.fullmatch(input.bank) is not None,
        "card": _CARD.fullmatch(input.card) is not None,
        "holder": len(input.holder.strip()) in _HOLDER,
        "signedAt": signed_at.utcoffset() is not None and _EARLIEST <= signed_at <= now + _CLOCKS_APART,
    }
