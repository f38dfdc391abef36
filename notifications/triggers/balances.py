"""Balances that crossed a threshold, and cuts for them, become notifications."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from gridhall.billing.accounts.model import Account, AccountId, masked_number
from gridhall.billing.prepayment.model import Level
from gridhall.billing.prepayment.repository import PrepaymentRepository
from gridhall.crm.customers.model import Role
from gridhall.kit.outbox import Event
from gridhall.notifications.catalogue import BalanceCrossed, CutAhead, Registry
from gridhall.notifications.ledger.model import Notice
from gridhall.notifications.sending.gates import Decision, Drop, Go
from gridhall.notifications.sending.notify import Telling, notify
from gridhall.notifications.triggers.bills import Newsroom


@dataclass(frozen=True, slots=True)
class BalanceStands:
    """The check of warnings: nobody is told of a balance that money has lifted since."""

    prepayments: PrepaymentRepository

    async def ask(self, notice: Notice, *, now: datetime) -> Decision:
        """Drop a warning of an account whose level is fine again, or that is post-paid by now."""
        del now
        told = Registry.keyed(notice.kind).unpack(notice.data)
        if not isinstance(told, BalanceCrossed):
            raise TypeError(f"{notice.kind} is no warning of a balance")
        account_id = AccountId(told.account_id)
        found = (await self.prepayments.load([account_id])).get(account_id)
        return Go() if found is not None and found.level is not Level.FINE else Drop("settled")


async def tell_balances(*, newsroom: Newsroom, event_ids: Sequence[UUID], now: datetime) -> list[str]:
    """Tell whoever pays for an account of its balance, or of a cut for it; return the keys of the deliveries.

    Idempotent: an event and a customer are one notice, and a crossing is one event.
    """
    events = await newsroom.outbox.load(event_ids)
    accounts = await newsroom.accounts.load({AccountId(event.about) for event in events})
    people = await newsroom.audience.of(list(accounts), roles=(Role.OWNER, Role.MEMBER))
    tellings = [
        Telling(f"{event.id}:{customer.id}", customer, _said(event, account, newsroom.zone), event.at, account.id)
        for event in events
        if (account := accounts.get(AccountId(event.about)))
        for customer in people.get(account.id, ())
    ]
    return await notify(office=newsroom.office, tellings=tellings, now=now)


def _said(event: Event, account: Account, zone: str) -> BalanceCrossed | CutAhead:
    payload, number = event.payload, masked_number(account.number)
    balance = int(str(payload["balance"]))
    if "cut_at" in payload:
        call_at, cut_at = (datetime.fromisoformat(str(payload[name])) for name in ("call_at", "cut_at"))
        return CutAhead(account.id, number, max(0, -balance), call_at, cut_at, zone)
    as_of = str(payload["as_of"])
    return BalanceCrossed(
        variant=str(payload["level"]),
        account_id=account.id,
        account=number,
        balance=balance,
        below=int(str(payload["below"])),
        as_of=date.fromisoformat(as_of) if as_of else None,
    )
