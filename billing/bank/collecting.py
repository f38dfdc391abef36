"""Bank collection (代扣): the file of a bank and a day goes out, and what the bank answers comes in."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from gridhall.billing.arrears.states import Hold
from gridhall.billing.bank.formats.port import BankFormat
from gridhall.billing.bank.model import (
    COLLECTION,
    MOST_ATTEMPTS,
    REASONS,
    CollectionFile,
    CollectionRow,
    FileNumber,
    Item,
    ItemState,
    Mandate,
    Outcome,
    ResultRow,
    file_number,
    item_number,
)
from gridhall.billing.bank.repository import CollectionRepository, ItemRepository, MandateRepository
from gridhall.billing.cases.model import Case, CaseKind, case_of
from gridhall.billing.cases.operations import Cases, open_cases
from gridhall.billing.ledger.model import Book
from gridhall.billing.payments.model import PaymentReceived
from gridhall.billing.payments.operations import settle_in
from gridhall.billing.payments.owing import owing
from gridhall.billing.payments.till import Payments
from gridhall.billing.prepayment.consenting import due_top_ups
from gridhall.billing.prepayment.repository import TopUpConsentRepository
from gridhall.kit.localdays import day_start, local_day
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Transaction
from gridhall.kit.outbox import Event

_AT_ONCE: Final = 500
_MONTH: Final = len("202611")


@dataclass(frozen=True, slots=True)
class Collecting:
    """What collecting needs at hand.

    zone: of the days of files, on which mandates end, and by which cases are due. books_region: whose accountants look
    into money that no item of ours asked for.
    """

    payments: Payments
    cases: Cases
    mandates: MandateRepository
    files: CollectionRepository
    items: ItemRepository
    top_ups: TopUpConsentRepository
    zone: str
    books_region: str


@dataclass(frozen=True, slots=True)
class Results:
    """What became of a bank's answer.

    unknown: rows of no item, or of another amount; a case where they say that money was collected. contradicting: rows
    that say otherwise of an item than the bank said before, each a case. Nothing was posted for them.
    """

    paid: int = 0
    failed: int = 0
    known: int = 0
    unknown: tuple[str, ...] = ()
    contradicting: tuple[str, ...] = ()


async def make_file(*, collecting: Collecting, region: str, bank: str, day: date, now: datetime) -> CollectionFile:
    """Make the collection file of a bank and a day, account by account; return it with its control totals.

    Idempotent: a file that is complete stays as it is, one that broke off is gone on with. What a customer consented
    to be topped up by is collected with what is owed. Accounts in dispute or in a plan are left out, and those of which
    an item is under way, or of which three have failed this month.
    """
    number = file_number(region=region, bank=bank, day=day)
    file = await collecting.files.begin(CollectionFile(number, region, bank, day, now))
    if file.complete:
        return file
    after = None
    while mandates := await collecting.mandates.page(region=region, bank=bank, after=after, limit=_AT_ONCE):
        after = mandates[-1].id
        await collecting.items.add(await _items(collecting, number, [one for one in mandates if one.holds(day)], day))
    items, total = await collecting.items.totals(number)
    await collecting.files.complete(number, items=items, total=total)
    return await collecting.files.load(number) or file


async def _items(collecting: Collecting, file: FileNumber, mandates: Sequence[Mandate], day: date) -> list[Item]:
    till = collecting.payments
    ids = [one.account_id for one in mandates]
    accounts = await till.accounts.load(ids)
    pursuits = await till.following.pursuits.load(ids)
    history = await collecting.items.history(ids)
    owed = await owing(following=till.following, accounts=list(accounts.values()), today=day)
    top_ups = await due_top_ups(
        consents=collecting.top_ups, prepayments=till.following.prepayments, accounts=list(accounts.values())
    )
    spared = {account_id for account_id, one in pursuits.items() if {Hold.DISPUTE, Hold.PLAN} & set(one.standing.holds)}
    made = []
    for mandate in mandates:
        account = accounts.get(mandate.account_id)
        if account is None or account.id in spared:
            continue
        amount = Fen(owed[account.id].total + top_ups.get(account.id, 0))
        if amount <= 0:
            continue
        attempt = _attempt(history.get(account.id, ()), file)
        if attempt is not None:
            number = item_number(file, account.id)
            made.append(Item(number, file, account.id, mandate.id, amount, attempt))
    return made


def _attempt(history: Sequence[Item], file: FileNumber) -> int | None:
    """Return which attempt of the month the file makes; None while one is under way, and after the last."""
    if any(item.state is ItemState.SENT for item in history):
        return None
    failed = sum(item.file[:_MONTH] == file[:_MONTH] for item in history)
    return failed + 1 if failed < MOST_ATTEMPTS else None


async def rows(*, collecting: Collecting, number: FileNumber) -> AsyncIterator[CollectionRow]:
    """Yield the rows of a file in order; card and holder are unsealed as they are written."""
    after = None
    while items := await collecting.items.of_file(number, after=after, limit=_AT_ONCE):
        after = items[-1].number
        mandates = await collecting.mandates.load({item.mandate_id for item in items})
        accounts = await collecting.payments.accounts.load({item.account_id for item in items})
        for item in items:
            mandate = mandates[item.mandate_id]
            account = accounts[item.account_id].number
            yield CollectionRow(item.number, account, mandate.card, mandate.holder, item.amount)


async def take_results(*, collecting: Collecting, form: BankFormat, raw: bytes, now: datetime) -> Results:
    """Take a bank's answer: what was collected is settled, what failed is tried again or ends its mandate.

    Idempotent: a row that was taken before changes nothing. Raises BadBankFileError before anything is taken.
    """
    answered = form.read_results(raw)
    results = Results()
    for start in range(0, len(answered), _AT_ONCE):
        chunk = answered[start : start + _AT_ONCE]
        items = await collecting.items.load({row.item for row in chunk})
        for row in chunk:
            results = await _take(collecting, row, items, results, now)
    return results


async def _take(
    collecting: Collecting, row: ResultRow, items: Mapping[str, Item], results: Results, now: datetime
) -> Results:
    item = items.get(row.item)
    paid = row.why is None
    if item is None or item.amount != row.amount:
        if paid:
            await open_cases(collecting.cases, [await _not_asked_for(collecting, item, row, now)])
        return replace(results, unknown=(*results.unknown, row.item))

    async def work(transaction: Transaction) -> ItemState:
        fresh = (await collecting.items.load([item.number], transaction=transaction))[item.number]
        if fresh.state is ItemState.SENT:
            await (_settle if paid else _fail)(collecting, fresh, row, now, transaction)
        elif (fresh.state is ItemState.PAID) != paid:
            case = await _contradiction(collecting, fresh, row, now)
            await open_cases(collecting.cases, [case], transaction)
        return fresh.state

    before = await collecting.payments.mongo.transact(work)
    if before is ItemState.SENT:
        return replace(results, paid=results.paid + paid, failed=results.failed + (not paid))
    if (before is ItemState.PAID) == paid:
        return replace(results, known=results.known + 1)
    return replace(results, contradicting=(*results.contradicting, row.item))


async def _contradiction(collecting: Collecting, item: Item, row: ResultRow, now: datetime) -> Case:
    """Return the case of an item that the bank called failed and then collected, or the other way round."""
    told = (("before", item.why or str(item.state)), ("now", row.why or str(ItemState.PAID)))
    return await _case(collecting, item, row, now, key=f"{item.number}:{row.why or ItemState.PAID}", told=told)


async def _not_asked_for(collecting: Collecting, item: Item | None, row: ResultRow, now: datetime) -> Case:
    """Return the case of money that the bank says it collected, and that nobody asked it to: not so much, or at all."""
    told = (("asked_fen", str(item.amount if item else 0)), ("collected_fen", str(row.amount)))
    return await _case(collecting, item, row, now, key=f"{row.item}:not_asked:{row.amount}", told=told)


async def _case(
    collecting: Collecting,
    item: Item | None,
    row: ResultRow,
    now: datetime,
    *,
    key: str,
    told: tuple[tuple[str, str], ...],
) -> Case:
    account = (await collecting.payments.accounts.load([item.account_id]))[item.account_id] if item else None
    file = (("file", str(item.file)),) if item else ()
    return case_of(
        kind=CaseKind.STATEMENT_DIFFERENCE,
        key=f"collection:{key}",
        region=account.region if account else collecting.books_region,
        org_path=account.org_path if account else "",
        account_id=account.id if account else None,
        amount=row.amount,
        evidence=(("item", row.item), *file, ("bank_serial", row.serial), *told),
        now=now,
        today=local_day(now, collecting.zone),
    )


async def _settle(collecting: Collecting, item: Item, row: ResultRow, now: datetime, transaction: Transaction) -> None:
    """Settle what was collected as paid on the day of its file: penalties are in its amount through that day."""
    file = await collecting.files.load(item.file)
    paid_at = min(day_start(file.day, collecting.zone), now) if file else now
    payment = PaymentReceived.for_account(COLLECTION, item.number, item.account_id, row.amount, paid_at)
    await settle_in(
        payments=collecting.payments, payment=payment, cash=Book.CASH_BANK, now=now, transaction=transaction
    )
    await collecting.items.put(_paid(item), transaction=transaction)


async def _fail(collecting: Collecting, item: Item, row: ResultRow, now: datetime, transaction: Transaction) -> None:
    why = row.why or ""
    await collecting.items.put(item.failed(why), transaction=transaction)
    stops = REASONS.get(why, Outcome.RETRY) is Outcome.STOP
    if stops:
        today = local_day(now, collecting.zone)
        await collecting.mandates.end(item.mandate_id, on=today, transaction=transaction)
    payload = {"fen": item.amount, "why": why, "attempt": item.attempt, "stops": stops}
    event = Event(kind="billing.collection_failed", about=item.account_id, at=now, payload=payload)
    await collecting.payments.outbox.add([event], transaction=transaction)


def _paid(item: Item) -> Item:
    return Item(item.number, item.file, item.account_id, item.mandate_id, item.amount, item.attempt, ItemState.PAID)
