"""The timeline of a customer, as an agent sees it."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import relay

from gridhall.billing.bills.model import Bill
from gridhall.billing.ledger.model import Book, Posting
from gridhall.crm.agents.dossiers import Dossier
from gridhall.crm.audit.model import AuditEntry
from gridhall.crm.customers.model import Binding
from gridhall.crm.notes.model import Note
from gridhall.graphql.errors import RefusedError
from gridhall.graphql.paging import instant_of
from gridhall.graphql.types.desk.message import Message
from gridhall.graphql.types.desk.node import DeskNode
from gridhall.graphql.types.money import Money
from gridhall.kit.money import Fen
from gridhall.notifications.timeline import Entry, Place, Source

strawberry.enum(Source, name="TimelineKind", description="What an entry of a timeline is.")
_KEYED_BY_TEXT = {Source.MESSAGE, Source.PAYMENT}


@strawberry.type(description="One thing that happened; which fields are there depends on its kind.")
class TimelineEntry(DeskNode):
    """One thing that happened."""

    id: relay.NodeID[str]
    kind: Source
    at: datetime
    account_number: str | None = strawberry.field(default=None, description="Of a bill, a payment or a binding.")
    month: str | None = strawberry.field(default=None, description="Of a bill.")
    amount: Money | None = strawberry.field(default=None, description="Of a bill or a payment.")
    message: Message | None = None
    agent: str | None = strawberry.field(default=None, description="Who wrote a note or unmasked.")
    text: str | None = strawberry.field(default=None, description="Of a note, or the reason of an unmasking.")
    fields: list[str] | None = strawberry.field(default=None, description="What was unmasked.")
    role: str | None = strawberry.field(default=None, description="Of a binding.")

    @classmethod
    def of(cls, entry: Entry, *, dossier: Dossier) -> "TimelineEntry":
        """Present an entry."""
        numbers = {seen.account.id: seen.account.number for seen in dossier.accounts}
        shown = cls(id=f"{entry.source}:{entry.id}", kind=entry.source, at=entry.at)
        match entry.record:
            case Bill() as bill:
                shown.account_number, shown.month = numbers.get(bill.account_id), str(bill.month)
                shown.amount = Money(fen=bill.total)
            case Posting() as posting:
                shown.account_number = numbers.get(posting.account_id)
                shown.amount = Money(fen=_paid(posting))
            case Binding() as binding:
                shown.account_number, shown.role = numbers.get(binding.account_id), str(binding.role)
            case Note() as note:
                shown.agent, shown.text = note.agent, note.text
            case AuditEntry() as audited:
                shown.agent, shown.text, shown.fields = audited.agent, audited.reason, list(audited.fields)
            case record:
                shown.message = Message.of(record)
        return shown


def _paid(posting: Posting) -> Fen:
    """Return the money of a payment; of a transfer, what prepaid money paid of a bill."""
    cash = posting.on(Book.CASH_COUNTER) + posting.on(Book.CASH_ONLINE)
    return Fen(cash or posting.on(Book.PREPAID))


def position_of(entry: Entry) -> str:
    """Return the key after which the next page begins."""
    return f"{entry.at.isoformat()} {entry.source} {entry.id}"


def read_position(key: str) -> Place:
    """Read such a key. Raises RefusedError where it is none."""
    at, source, entry_id = read_instant(key, parts=3)
    try:
        place = at, Source(source), entry_id
        if place[1] not in _KEYED_BY_TEXT:
            UUID(entry_id)
    except ValueError:
        raise RefusedError("input.bad_cursor") from None
    return place


def read_instant(key: str, *, parts: int) -> tuple[datetime, str, str]:
    """Split a key that begins with an instant; with two parts the middle one is empty."""
    at, *rest = key.split(" ", parts - 1)
    if len(rest) != parts - 1:
        raise RefusedError("input.bad_cursor")
    return instant_of(at), rest[0] if parts == 3 else "", rest[-1]  # noqa: PLR2004 - instant, source, id
