"""The daily reckoning: provisional charges anew from the readings, and warnings where a balance crossed a threshold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from uuid import UUID, uuid5

from gridhall.billing.accounts.model import Account, AccountId
from gridhall.billing.bills.model import Bill, Billed
from gridhall.billing.prepayment.charging import charge_days
from gridhall.billing.prepayment.following import restored
from gridhall.billing.prepayment.model import Cut, Level, Prepayment, begun, level_of, worse
from gridhall.billing.prepayment.room import Prepaying
from gridhall.billing.prepayment.rules import rules_of
from gridhall.billing.prepayment.use import use_of
from gridhall.kit.localdays import Days, Month
from gridhall.kit.mongo import Transaction
from gridhall.kit.outbox import Event

AT_ONCE: Final = 200
CROSSED: Final = "billing.balance_crossed"

_CYCLE_MONTHS: Final = 14
_MOST_DAYS: Final = 92
"""A quarter: whoever was not billed for longer is looked for by the board, and charged from then on."""

_NAMESPACE: Final = UUID("3de2a1c2-8f4e-5c7a-9a55-0b7e63a1f0d4")


@dataclass(frozen=True, slots=True)
class Watched:
    """What a look came to. last: the last account of a full page; None where there is no further one.

    crossed: thresholds that were told. moved: accounts of which nothing was written, as `watch` says.
    """

    accounts: int
    crossed: int
    moved: int
    last: AccountId | None = None
    proposed: int = 0


async def watch(*, prepaying: Prepaying, account_ids: Sequence[AccountId], now: datetime) -> Watched:
    """Reckon accounts anew, at most some hundreds, and tell of thresholds that were crossed.

    moved: accounts whose money or bills changed meanwhile; nothing was written of them, and the next look has them.
    """
    following = prepaying.following
    today = following.today(now)
    accounts = await following.accounts.load(account_ids)
    known = await following.prepayments.load(account_ids)
    bills = await following.bills.since(account_ids, month=Month.of(today).shift(-_CYCLE_MONTHS))
    days = {
        account_id: _unbilled(account, bills.get(account_id, ()), today) for account_id, account in accounts.items()
    }
    use = await use_of(accounts=list(accounts.values()), days=days, histories=prepaying.histories)
    reckoned = {}
    for account_id, account in accounts.items():
        used, as_of = use[account_id]
        billed = [_billed(one) for one in _issued(bills.get(account_id, ()))]
        charged = charge_days(account, days=days[account_id], used=used, billed=billed)
        before = known.get(account_id) or begun(account, since=days[account_id].start)
        reckoned[account_id] = replace(
            before,
            region=account.region,
            org_path=account.org_path,
            since=days[account_id].start,
            until=today,
            days=charged.days,
            allowance=charged.allowance,
            unpriced=charged.unpriced,
            as_of=as_of,
        )

    async def work(transaction: Transaction) -> Watched:
        fresh = await following.accounts.load(account_ids, transaction=transaction)
        standing = await following.prepayments.load(account_ids, transaction=transaction)
        changed, events = [], []
        same = [one for one in fresh.values() if one.version == accounts[one.id].version]
        for account in same:
            now_there = standing.get(account.id, reckoned[account.id])
            # What was told and how far a cut came is taken as it is in the transaction, and the days as reckoned.
            one = _as_told(reckoned[account.id], now_there)
            one, event = _crossed(one, account, today=today, now=now)
            changed += [one] if one != standing.get(account.id) else []
            events += [event] if event else []
        await following.prepayments.put(changed, transaction=transaction)
        await following.outbox.add(events, transaction=transaction)
        return Watched(len(same), len(events), len(accounts) - len(same))

    return await prepaying.mongo.transact(work)


async def end_watch(*, prepaying: Prepaying, account: Account, transaction: Transaction, now: datetime) -> None:
    """Let an account go that is post-paid from now on: no warnings any more, and a cut is taken back."""
    known = (await prepaying.following.prepayments.load([account.id], transaction=transaction)).get(account.id)
    if known is not None:
        free = await restored(
            following=prepaying.following, prepayment=known, account=account, transaction=transaction, now=now
        )
        ended = replace(free, level=Level.FINE, spell=free.spell + 1, empty_since=None)
        await prepaying.following.prepayments.put([ended], transaction=transaction)


def _as_told(reckoned: Prepayment, standing: Prepayment) -> Prepayment:
    return replace(
        reckoned,
        level=standing.level,
        spell=standing.spell,
        empty_since=standing.empty_since,
        cut=standing.cut,
        cut_changed_at=standing.cut_changed_at,
        eased_on=standing.eased_on,
    )


def _crossed(one: Prepayment, account: Account, *, today: date, now: datetime) -> tuple[Prepayment, Event | None]:
    """Return an account with the level that it has sunk to, and the event where that is worse than what was told.

    Readings that were corrected may lift a balance again; that alone is not told, and does not begin warnings anew.
    """
    rules = rules_of(account.region, on=today)
    if rules is None or not account.is_prepaid(today):
        return one, None
    balance = one.balance(account)
    level = level_of(balance, rules)
    empty_since = (one.empty_since or today) if level is Level.EMPTY else None
    if level is not Level.EMPTY and one.cut is Cut.PROPOSED:
        one = one.at(Cut.NONE, now=now)
    if not worse(level, one.level):
        return replace(one, empty_since=empty_since), None
    last = one.last
    payload: Mapping[str, object] = {
        "level": str(level),
        "spell": one.spell,
        "balance": balance,
        "as_of": last.day.isoformat() if last else "",
        "below": rules.warn_below if level is Level.LOW else rules.notice_below,
    }
    id_ = uuid5(_NAMESPACE, f"{account.id}:{one.spell}:{level}")
    return replace(one, level=level, empty_since=empty_since), Event(CROSSED, account.id, now, payload, id=id_)


def _unbilled(account: Account, bills: Sequence[Bill], today: date) -> Days:
    ends = [bill.days.end for bill in _issued(bills)]
    start = max([account.kept_since, *ends])
    return Days(max(start, date.fromordinal(today.toordinal() - _MOST_DAYS)) if start < today else today, today)


def _issued(bills: Sequence[Bill]) -> list[Bill]:
    return [bill for bill in bills if bill.status.shown and bill.status.counts]


def _billed(bill: Bill) -> Billed:
    return Billed(bill.days, bill.counted_kwh)
