"""Formal notices go out, what is not true any more is kept back, and what arrived becomes their proof."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from gridhall.billing.accounts.model import AccountId, masked_number
from gridhall.billing.arrears.cutting.model import Notice as Formal
from gridhall.billing.arrears.cutting.model import NoticeId, NoticeKind, Proof, ProofWay
from gridhall.billing.arrears.cutting.notices import Serving, serve
from gridhall.billing.arrears.model import SYSTEM
from gridhall.billing.supply.model import SupplyKind
from gridhall.crm.customers.model import Role
from gridhall.kit.money import Fen
from gridhall.notifications.catalogue import BalanceNotice, CutAhead, FormalNotice, Registry, Way
from gridhall.notifications.ledger.model import Notice
from gridhall.notifications.ledger.repository import DeliveryRepository
from gridhall.notifications.sending.gates import Decision, Drop, Go, Later
from gridhall.notifications.sending.notify import Telling, notify
from gridhall.notifications.triggers.bills import Newsroom

LOOKED_FOR: Final = timedelta(days=30)
"""How long proof of a notice is looked for in the deliveries; afterwards a person serves it on paper."""

PROVEN_AT_ONCE: Final = 100
_PAYERS: Final = (Role.OWNER, Role.MEMBER)
_PROOF: Final = {Way.SMS: ProofWay.SMS, Way.MAIL: ProofWay.MAIL, Way.WECHAT: ProofWay.WECHAT}


@dataclass(frozen=True, slots=True)
class NoticeStands:
    """The checks of formal notices and last calls: nothing of the kind is sent to who has paid, or is held."""

    serving: Serving

    async def ask(self, notice: Notice, *, now: datetime) -> Decision:
        """Drop what is settled or held, and let a last call wait for its hour."""
        told = Registry.keyed(notice.kind).unpack(notice.data)
        if isinstance(told, CutAhead):
            asked = await self.serving.following.supply.open_of(AccountId(told.account_id), kind=SupplyKind.DISCONNECT)
            if not asked:
                return Drop("settled")
            return Later(told.call_at, "not-yet") if now < told.call_at else Go()
        if not isinstance(told, FormalNotice | BalanceNotice):
            raise TypeError(f"{notice.kind} is no formal notice")
        account_id = AccountId(told.account_id)
        pursuit = (await self.serving.following.pursuits.load([account_id])).get(account_id)
        if pursuit is not None and pursuit.standing.holds:
            return Drop("held")
        stands = await (self._empty(account_id) if isinstance(told, BalanceNotice) else self._owed(told, account_id))
        return Go() if stands else Drop("settled")

    async def _empty(self, account_id: AccountId) -> bool:
        found = (await self.serving.following.prepayments.load([account_id])).get(account_id)
        return found is not None and found.empty_since is not None

    async def _owed(self, told: FormalNotice, account_id: AccountId) -> bool:
        formal = (await self.serving.notices.load([NoticeId(told.notice_id)])).get(NoticeId(told.notice_id))
        named = {line.bill_id for line in formal.lines} if formal else set()
        debts = await self.serving.following.debts.of_accounts([account_id])
        return any(debt.owed for debt in debts if debt.bill_id in named)


async def tell_notices(*, newsroom: Newsroom, serving: Serving, event_ids: Sequence[UUID], now: datetime) -> list[str]:
    """Send formal notices to whoever pays for the account; return the keys of the deliveries. Idempotent."""
    events = await newsroom.outbox.load(event_ids)
    notices = await serving.notices.load({NoticeId(event.about) for event in events})
    accounts = await newsroom.accounts.load({one.account_id for one in notices.values()})
    people = await newsroom.audience.of(list(accounts), roles=_PAYERS)
    tellings = [
        Telling(
            f"{formal.id}:{customer.id}",
            customer,
            _notice(formal, accounts[formal.account_id].number),
            formal.made_at,
            formal.account_id,
        )
        for formal in notices.values()
        if formal.account_id in accounts
        for customer in people[formal.account_id]
    ]
    return await notify(office=newsroom.office, tellings=tellings, now=now)


async def tell_cuts(*, newsroom: Newsroom, event_ids: Sequence[UUID], now: datetime) -> list[str]:
    """Announce cuts that were approved; return the keys of the deliveries, which wait for their hour. Idempotent."""
    events = await newsroom.outbox.load(event_ids)
    accounts = await newsroom.accounts.load({AccountId(event.about) for event in events})
    people = await newsroom.audience.of(list(accounts), roles=_PAYERS)
    tellings: list[Telling] = []
    for event in events:
        account = accounts.get(AccountId(event.about))
        if account is None:
            continue
        told = CutAhead(
            account_id=account.id,
            account=masked_number(account.number),
            owed=Fen(int(str(event.payload.get("fen", account.balance.owed)))),
            call_at=datetime.fromisoformat(str(event.payload["call_at"])),
            cut_at=datetime.fromisoformat(str(event.payload["cut_at"])),
            zone=newsroom.zone,
        )
        tellings += [
            Telling(f"{event.id}:{customer.id}", customer, told, event.at, account.id)
            for customer in people[account.id]
        ]
    return await notify(office=newsroom.office, tellings=tellings, now=now)


async def prove_notices(*, serving: Serving, deliveries: DeliveryRepository, region: str, now: datetime) -> int:
    """Take messages that went out as the proof of the notices of a region; return how many were proven. Idempotent.

    A message counts once its gateway took it; one of which nobody knows whether it was sent proves nothing.
    """
    proven, after = 0, None
    while found := await serving.notices.unproven(
        region=region, since=now - LOOKED_FOR, after=after, limit=PROVEN_AT_ONCE
    ):
        sent = await deliveries.sent_of([_key(formal) for formal in found])
        for formal in found:
            for record in sent.get(_key(formal), ()):
                at = record.ended_at or record.at
                proof = Proof(_PROOF[record.way], at, SYSTEM, reference=str(record.id))
                await serve(serving=serving, notice_id=formal.id, proof=proof, now=now)
                proven += 1
        last = found[-1]
        after = (last.made_at, last.id)
    return proven


def _key(formal: Formal) -> str:
    """Return how the keys of the deliveries of a notice begin."""
    return f"{'balance_notice' if formal.kind is NoticeKind.BALANCE else 'formal_notice'}:{formal.id}:"


def _notice(formal: Formal, number: str) -> FormalNotice | BalanceNotice:
    if formal.balance is not None:
        return BalanceNotice(formal.account_id, formal.id, masked_number(number), formal.balance, formal.days)
    return FormalNotice(
        variant=str(formal.kind),
        account_id=formal.account_id,
        notice_id=formal.id,
        account=masked_number(number),
        owed=Fen(formal.total - formal.penalty),
        penalty=formal.penalty,
        bills=len(formal.lines),
        due_on=min(line.due_on for line in formal.lines),
        days=formal.days,
    )
