"""Unmasking: the plain values of a customer's fields, for a reason, never without an entry in the audit trail."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gridhall.crm.agents.dossiers import Dossier
from gridhall.crm.agents.model import Agent
from gridhall.crm.audit.model import Action, AuditEntry
from gridhall.crm.audit.repository import AuditRepository
from gridhall.kit.ids import new_id
from gridhall.kit.said import REASON_LENGTHS, said
from gridhall.kit.subject import Refusal

BAD_REASON = Refusal("desk.bad_reason", {"least": REASON_LENGTHS.start, "most": REASON_LENGTHS.stop - 1})


class PersonalField(StrEnum):
    """A field that is shown masked."""

    NAME = "name"
    PHONE = "phone"
    MAIL = "mail"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Plain:
    """The plain value of a field. account_number: whose address it is."""

    field: PersonalField
    value: str | None
    account_number: str | None = None


def good_reason(text: str) -> str | Refusal:
    """Return a reason without the space around it, or why it is none."""
    return said(text) or BAD_REASON


async def unmask(
    *,
    audit: AuditRepository,
    agent: Agent,
    dossier: Dossier,
    fields: Sequence[PersonalField],
    reason: str,
    now: datetime,
) -> tuple[Plain, ...] | Refusal:
    """Return the plain values of fields of a dossier that the agent may see.

    The entry is written before anything is returned: where it cannot be written, nothing is shown.
    """
    why = good_reason(reason)
    if isinstance(why, Refusal):
        return why
    wanted = tuple(field for field in PersonalField if field in fields)
    entry = AuditEntry(new_id(), now, Action.UNMASKED, agent.id, agent.name, dossier.customer.id, wanted, why)
    await audit.add(entry)
    return tuple(plain for field in wanted for plain in _plain(dossier, field))


def _plain(dossier: Dossier, field: PersonalField) -> Iterator[Plain]:
    customer = dossier.customer
    match field:
        case PersonalField.NAME:
            yield Plain(field, customer.name)
        case PersonalField.PHONE:
            yield Plain(field, customer.phone)
        case PersonalField.MAIL:
            yield Plain(field, customer.mail)
        case PersonalField.ADDRESS:
            for seen in dossier.accounts:
                yield Plain(field, seen.account.address, seen.account.number)
