"""The daily scan: debts whose step has come become events, one an account, and wait for their next step."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.arrears.at_hand import Following
from gridhall.billing.arrears.cutting.model import Notice
from gridhall.billing.arrears.cutting.notices import FORMAL, notice_of
from gridhall.billing.arrears.cutting.repository import NoticeRepository
from gridhall.billing.arrears.following import reckon, with_debts
from gridhall.billing.arrears.model import SYSTEM, Debt, Pursuit, climb, parked
from gridhall.billing.arrears.policies import Stage
from gridhall.billing.arrears.states import Event as Happening
from gridhall.billing.arrears.states import Hold, moved
from gridhall.billing.bills.model import BillId
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Mongo, Transaction
from gridhall.kit.outbox import Event

SCANNED_AT_ONCE: Final = 500
_ORDER: Final = list(Stage)


@dataclass(frozen=True, slots=True)
class Arrears:
    """What the scan needs at hand."""

    mongo: Mongo
    following: Following
    notices: NoticeRepository


async def scan(*, arrears: Arrears, region: str, today: date, now: datetime) -> int:
    """Raise a `billing.reminder_due` event for every account of a region that is to be reminded; return how many.

    Idempotent: a debt that was taken has moved on, and an event and its debts are one transaction. Two scans at once
    share the debts between them by write conflicts.
    """
    raised = 0
    while due := await arrears.following.debts.due(region=region, on=today, limit=SCANNED_AT_ONCE):
        raised += await scan_accounts(
            arrears=arrears, account_ids=list({debt.account_id for debt in due}), today=today, now=now
        )
    return raised


async def scan_accounts(*, arrears: Arrears, account_ids: Sequence[AccountId], today: date, now: datetime) -> int:
    """Take the steps of some hundred accounts that have come; return how many accounts are to be reminded."""

    async def work(transaction: Transaction) -> int:
        return await _take(arrears, account_ids, today=today, now=now, transaction=transaction)

    return await arrears.mongo.transact(work)


async def _take(
    arrears: Arrears, account_ids: Sequence[AccountId], *, today: date, now: datetime, transaction: Transaction
) -> int:
    # Read inside the transaction: what was paid, or taken by another scan meanwhile, is not there any more.
    debts = await arrears.following.debts.of_accounts(account_ids, transaction=transaction)
    pursuits = await arrears.following.pursuits.load(account_ids, transaction=transaction)
    later: list[Debt] = []
    stages: dict[AccountId, dict[BillId, Stage]] = defaultdict(dict)
    of_account: dict[AccountId, list[Debt]] = defaultdict(list)
    looked_at: set[AccountId] = set()
    for debt in debts:
        of_account[debt.account_id].append(debt)
        if debt.next_on is None or debt.next_on > today:
            continue
        looked_at.add(debt.account_id)
        if _held(pursuits.get(debt.account_id), debt, today):
            later.append(parked(debt))
            continue
        stage, following = climb(debt, today=today)
        later.append(following)
        if stage is not None:
            stages[debt.account_id][debt.bill_id] = stage
    await arrears.following.debts.put(later, transaction=transaction)
    moves = [
        one
        for account_id in sorted(looked_at)
        if (one := _pursued(of_account[account_id], pursuits, today=today, now=now))
    ]
    await arrears.following.pursuits.put(moves, transaction=transaction)
    made = await _notices(arrears, of_account, stages, pursuits, today=today, now=now, transaction=transaction)
    events = [_event(account_id, bills, now=now) for account_id, bills in stages.items() if account_id not in made]
    await arrears.following.outbox.add([*events, *made.values()], transaction=transaction)
    return len(stages)


async def _notices(
    arrears: Arrears,
    debts: Mapping[AccountId, Sequence[Debt]],
    stages: Mapping[AccountId, Mapping[BillId, Stage]],
    pursuits: Mapping[AccountId, Pursuit],
    *,
    today: date,
    now: datetime,
    transaction: Transaction,
) -> dict[AccountId, Event]:
    """Make the formal notices of the accounts whose sternest step asks for one, and return the events that tell."""
    sternest = {account_id: bills[_sternest(bills)] for account_id, bills in stages.items()}
    wanted = [account_id for account_id, stage in sternest.items() if stage in FORMAL]
    if not wanted:
        return {}
    concerned = [debt for account_id in wanted for debt in debts[account_id]]
    reckoned = await reckon(
        following=arrears.following, debts=concerned, pursuits=pursuits, today=today, transaction=transaction
    )
    made: dict[AccountId, tuple[Notice, Event]] = {}
    for account_id in wanted:
        own = [debt for debt in reckoned if debt.account_id == account_id]
        penalty = Fen(sum(debt.penalty.outstanding for debt in own))
        notice = notice_of(own, stage=sternest[account_id], penalty=penalty, today=today, now=now)
        if notice is not None:
            made[account_id] = notice
    await arrears.notices.add([notice for notice, _ in made.values()], transaction=transaction)
    return {account_id: told for account_id, (_, told) in made.items()}


def _held(pursuit: Pursuit | None, debt: Debt, today: date) -> bool:
    """A shield keeps nobody from being told what is due; only from what follows when it is not paid."""
    if pursuit is None or not pursuit.standing.holds:
        return False
    return debt.overdue(today) or pursuit.standing.holds != {Hold.SHIELD}


def _pursued(
    debts: Sequence[Debt], pursuits: Mapping[AccountId, Pursuit], *, today: date, now: datetime
) -> Pursuit | None:
    """Return how an account is followed from now on; None where nothing of it changes."""
    first = debts[0]
    known = pursuits.get(first.account_id)
    pursuit = with_debts(known or _begun(first), debts, today)
    event = Happening.FELL_OVERDUE if pursuit.oldest_due else Happening.REMINDED
    standing = moved(pursuit.standing, event)
    if standing is None or standing == pursuit.standing:
        changed = known is None or replace(known, revision=0) != replace(pursuit, revision=0)
        return replace(pursuit, revision=pursuit.revision + 1, since=pursuit.since or now) if changed else None
    return pursuit.entered(standing, event, by=SYSTEM, note="", now=now)


def _begun(debt: Debt) -> Pursuit:
    return Pursuit(debt.account_id, debt.region, debt.org_path, debt.supply_class)


def _sternest(bills: Mapping[BillId, Stage]) -> BillId:
    return max(bills, key=lambda bill_id: _ORDER.index(bills[bill_id]))


def _event(account_id: AccountId, bills: dict[BillId, Stage], *, now: datetime) -> Event:
    """One event an account, however many of its bills are due: its sternest stage speaks for all."""
    sternest = _sternest(bills)
    return Event(
        kind="billing.reminder_due",
        about=account_id,
        at=now,
        payload={"stage": str(bills[sternest]), "bill_id": str(sternest)},
    )
