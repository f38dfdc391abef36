"""The timeline of a customer: what happened, from every ledger there is, merged and never copied."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from gridhall.billing.bills.model import Bill
from gridhall.billing.bills.repository import BillRepository
from gridhall.billing.ledger.model import Posting
from gridhall.billing.ledger.repository import LedgerRepository
from gridhall.crm.agents.dossiers import Dossier
from gridhall.crm.audit.model import Action, AuditEntry
from gridhall.crm.audit.repository import AuditRepository
from gridhall.crm.customers.model import Binding
from gridhall.crm.notes.model import Note
from gridhall.crm.notes.repository import NoteRepository
from gridhall.kit.keyset import Before
from gridhall.notifications.ledger.model import DeliveryRecord, DeliveryState
from gridhall.notifications.ledger.repository import DeliveryRepository

_INSTANT: Final = timedelta(milliseconds=1)
"""What MongoDB tells apart."""

Record = Bill | Posting | DeliveryRecord | Note | Binding | AuditEntry


class Source(StrEnum):
    """What an entry is; within one instant, entries stand in the order of these texts, last first."""

    BILL_ISSUED = "bill_issued"
    BINDING = "binding"
    MESSAGE = "message"
    NOTE = "note"
    PAYMENT = "payment"
    UNMASKING = "unmasking"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. id: unique within its source, as text."""

    at: datetime
    source: Source
    id: str
    record: Record

    @property
    def place(self) -> tuple[datetime, Source, str]:
        """Where the entry stands; greater is newer."""
        return self.at, self.source, self.id


Place = tuple[datetime, Source, str]


@dataclass(frozen=True, slots=True)
class Timelines:
    """The ledgers that a timeline is read from."""

    bills: BillRepository
    ledger: LedgerRepository
    deliveries: DeliveryRepository
    notes: NoteRepository
    audit: AuditRepository

    async def page(self, dossier: Dossier, *, after: Place | None, limit: int) -> list[Entry]:
        """Return up to `limit` entries, newest first, after a place; of accounts only those in the dossier."""
        accounts = [seen.account.id for seen in dossier.accounts]
        whose = dossier.customer.id

        async def bills(before: Before | None) -> list[Entry]:
            found = await self.bills.issued_before(accounts, before=before, limit=limit)
            return [Entry(one.issued_at, Source.BILL_ISSUED, str(one.id), one) for one in found if one.issued_at]

        async def payments(before: Before | None) -> list[Entry]:
            found = await self.ledger.money_before(accounts, before=before, limit=limit)
            return [Entry(one.at, Source.PAYMENT, one.key, one) for one in found]

        async def messages(before: Before | None) -> list[Entry]:
            sent = DeliveryState.SENT
            found = await self.deliveries.of_customer(whose, accounts=accounts, before=before, limit=limit, state=sent)
            return [Entry(one.at, Source.MESSAGE, one.key, one) for one in found]

        async def notes(before: Before | None) -> list[Entry]:
            found = await self.notes.of_customer(whose, before=before, limit=limit)
            return [Entry(one.at, Source.NOTE, str(one.id), one) for one in found]

        async def unmaskings(before: Before | None) -> list[Entry]:
            found = await self.audit.of_customer(whose, action=Action.UNMASKED, before=before, limit=limit)
            return [Entry(one.at, Source.UNMASKING, str(one.id), one) for one in found]

        asked: Sequence[tuple[Source, Callable[[Before | None], Awaitable[list[Entry]]]]] = (
            (Source.BILL_ISSUED, bills),
            (Source.PAYMENT, payments),
            (Source.MESSAGE, messages),
            (Source.NOTE, notes),
            (Source.UNMASKING, unmaskings),
        )
        pages = await asyncio.gather(*(fetch(_before(after, source)) for source, fetch in asked))
        entries = [entry for page in (*pages, _bindings(dossier)) for entry in page]
        older = [entry for entry in entries if after is None or entry.place < after]
        return sorted(older, key=lambda entry: entry.place, reverse=True)[:limit]


def _before(after: Place | None, source: Source) -> Before | None:
    """Return where one source goes on after a place that may be another source's."""
    if after is None:
        return None
    at, last_source, last_id = after
    if source == last_source:
        keyed_by_text = source in {Source.PAYMENT, Source.MESSAGE}
        return at, last_id if keyed_by_text else UUID(last_id)
    return (at + _INSTANT, None) if source < last_source else (at, None)


def _bindings(dossier: Dossier) -> list[Entry]:
    seen = {one.account.id for one in dossier.accounts}
    bindings = (one for one in dossier.customer.bindings if one.account_id in seen)
    return [Entry(one.since, Source.BINDING, str(one.account_id), one) for one in bindings]
