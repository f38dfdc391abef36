"""Makes the legal file of an account: the records that billing keeps, and the paper that is drawn from them."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.arrears.legal import document, gather, zipped
from gridhall.billing.arrears.services import FollowUp
from gridhall.crm.access.repository import HolderRepository
from gridhall.crm.audit.model import Action, AuditEntry
from gridhall.crm.audit.operations import PersonalField, good_reason
from gridhall.crm.audit.repository import AuditRepository
from gridhall.crm.customers.model import Customer
from gridhall.crm.customers.repository import CustomerRepository
from gridhall.kit.ids import new_id
from gridhall.kit.subject import Refusal
from gridhall.notifications.dossier.view import pages
from gridhall.notifications.typesetting import typeset

PAPER: Final = "file.pdf"
"""What the paper is called within the file."""

SHOWN: Final = (PersonalField.NAME, PersonalField.ADDRESS)
"""What of a person is written out in it."""

_FOLDER: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Dossier:
    """A file as bytes, and its name."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Dossiers:
    """Makes legal files on demand; nothing is stored."""

    follow_up: FollowUp
    customers: CustomerRepository
    holders: HolderRepository
    audit: AuditRepository
    zone: str

    async def of(self, account_id: AccountId, *, by: str, reason: str, now: datetime) -> Dossier | Refusal:
        """Return the file of an account, a ZIP. The same records give the same bytes, the day of making excepted.

        The holder's name and address are written out, for a court asks whom it concerns: an unmasking, by a name and
        for a reason, whose entry in the audit trail is written before anything is returned. Refused where there is no
        such account, or no reason.
        """
        why = good_reason(reason)
        if isinstance(why, Refusal):
            return why
        records = await gather(follow_up=self.follow_up, account_id=account_id, now=now)
        if isinstance(records, Refusal):
            return records
        holder = await self._holder(account_id)
        whose = holder.id if holder else None
        await self.audit.add(AuditEntry(new_id(), now, Action.UNMASKED, None, by, whose, SHOWN, why))
        whole = document(records)
        shown = pages(
            records,
            holder=(holder.name if holder else None) or "",
            digest=sha256(whole).hexdigest(),
            zone=self.zone,
        )
        paper = await asyncio.to_thread(typeset, _FOLDER, name="file", data=shown, on=records.made_on)
        return Dossier(records.name, zipped(records, document=whole, beside={PAPER: paper}))

    async def _holder(self, account_id: AccountId) -> Customer | None:
        holder_id = (await self.holders.of_accounts([account_id])).get(account_id)
        return (await self.customers.load([holder_id])).get(holder_id) if holder_id else None
