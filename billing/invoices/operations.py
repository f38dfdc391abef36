"""Requesting invoices, going on with them step by step, and reversing those whose bill was taken back."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from gridhall.billing.bills.model import Bill, BillId, BillOrigin, BillStatus
from gridhall.billing.bills.repository import BillRepository
from gridhall.billing.invoices.model import BILL_GONE, SILENT, Invoice, InvoiceId, State, Title, invoice_id
from gridhall.billing.invoices.port import InvoiceOrder, TaxPlatform, TaxUnavailableError, Told, ToldState
from gridhall.billing.invoices.repository import InvoiceRepository
from gridhall.billing.invoices.vat import split, vat_on
from gridhall.kit.localdays import local_day
from gridhall.kit.mongo import Mongo, Transaction
from gridhall.kit.outbox import Event, Outbox
from gridhall.kit.subject import Refusal

NOT_PAID: Final = Refusal("invoices.not_paid")
NOTHING_TO_INVOICE: Final = Refusal("invoices.nothing")
INVOICED_BEFORE: Final = Refusal("invoices.invoiced_before")
NOT_OURS: Final = Refusal("invoices.not_ours")
NOT_FAILED: Final = Refusal("invoices.not_failed")
NO_TITLE: Final = Refusal("invoices.no_title")

ISSUED: Final = "billing.invoice_issued"
REVERSED: Final = "billing.invoice_reversed"


@dataclass(frozen=True, slots=True)
class Invoicing:
    """What invoices need at hand."""

    mongo: Mongo
    bills: BillRepository
    invoices: InvoiceRepository
    outbox: Outbox
    zone: str


async def request(
    *, invoicing: Invoicing, bill: Bill, title: Title | None, by: UUID, now: datetime
) -> Invoice | Refusal:
    """Request the invoice of a paid bill. Idempotent by bill and title.

    title: None takes that of the reversed invoice of the bill in whose place this one came.
    A bill has one invoice at a time; where it is to be on another name, the first one is reversed by the desk.
    """
    if bill.origin is not BillOrigin.OWN:
        return NOT_OURS
    if bill.status is not BillStatus.PAID:
        return NOT_PAID
    if bill.total <= 0:
        return NOTHING_TO_INVOICE
    related = [bill.id, bill.replaces] if bill.replaces else [bill.id]
    known = await invoicing.invoices.of_bills(related)
    if title is None:
        title = next((one.title for bill_id in related for one in known.get(bill_id, ())), None)
    if title is None:
        return NO_TITLE
    own = known.get(bill.id, [])
    made = _made(bill, title, nth=sum(one.state is State.REVERSED for one in own), by=by, now=now, zone=invoicing.zone)
    if await invoicing.invoices.add(made):
        return made if await _still_paid(invoicing, bill.id, now) else NOT_PAID
    # There is one: this very one, asked for before, or another that is live.
    same = (await invoicing.invoices.load([made.id])).get(made.id)
    return same or INVOICED_BEFORE


async def _still_paid(invoicing: Invoicing, bill_id: BillId, now: datetime) -> bool:
    """Say whether a bill is paid, now that its invoice is written; where it is not, take the invoice back.

    Whoever took the bill back meanwhile may have looked for its invoices before there was one.
    """
    bill = (await invoicing.bills.load([bill_id])).get(bill_id)
    if bill is not None and bill.status is BillStatus.PAID:
        return True
    await bills_cancelled(invoicing=invoicing, bill_ids=[bill_id], now=now)
    return False


async def go_on(*, invoicing: Invoicing, platform: TaxPlatform, now: datetime, limit: int = 100) -> int:
    """Go on with the invoices that are due; return how many moved. Two of these at once do nothing twice."""
    moved = 0
    for invoice in await invoicing.invoices.due(now=now, limit=limit):
        moved += await step(invoicing=invoicing, platform=platform, invoice=invoice, now=now)
    return moved


async def step(*, invoicing: Invoicing, platform: TaxPlatform, invoice: Invoice, now: datetime) -> bool:
    """Ask the platform for the next step of one invoice and write what it tells; False where that is nothing new.

    The platform is asked under our own request each time, so what it did without our hearing of it is not done again.
    """
    if invoice.state is State.REQUESTED:
        # Noted first: whatever happens from here on, the platform may know of it.
        sent = replace(invoice.at(State.ISSUING, now=now), tries=invoice.tries)
        if not await invoicing.invoices.put(sent, was=invoice):
            return False
        invoice = sent
    reverses = invoice.state is State.REVERSING
    try:
        told = await _ask(platform, invoice)
    except TaxUnavailableError as error:
        return await _write(invoicing, invoice.later(invoice.state, now=now, why=f"unavailable: {error}"), invoice, now)
    return await _write(invoicing, _after(invoice, told, reverses=reverses, now=now), invoice, now)


async def bills_cancelled(*, invoicing: Invoicing, bill_ids: Collection[BillId], now: datetime) -> int:
    """Reverse the invoices of bills that a credit note took back; return how many are to be. Idempotent."""
    wanted = 0
    for invoices in (await invoicing.invoices.of_bills(bill_ids)).values():
        for invoice in invoices:
            changed = _unwanted(invoice, now=now)
            wanted += changed is not None and await invoicing.invoices.put(changed, was=invoice)
    return wanted


async def retry(*, invoicing: Invoicing, invoice_id: InvoiceId, now: datetime) -> Invoice | Refusal:
    """Go on with an invoice that failed, where it failed."""
    found = (await invoicing.invoices.load([invoice_id])).get(invoice_id)
    if found is None or found.state is not State.FAILED or found.why == BILL_GONE:
        return NOT_FAILED
    bill = (await invoicing.bills.load([found.bill_id])).get(found.bill_id)
    if found.was is not State.REVERSING and (bill is None or bill.status is not BillStatus.PAID):
        return NOT_PAID
    again = found.retried(now=now)
    return again if await invoicing.invoices.put(again, was=found) else NOT_FAILED


async def _ask(platform: TaxPlatform, invoice: Invoice) -> Told:
    if invoice.state is State.REVERSING:
        return await platform.reverse(request=f"{invoice.id.hex}r", number=invoice.number, reason="bill taken back")
    if invoice.unwanted:
        told = await platform.query(invoice.id.hex)
        return Told(ToldState.REJECTED, why=BILL_GONE) if told.state is ToldState.UNKNOWN else told
    order = InvoiceOrder(
        request=invoice.id.hex,
        buyer=invoice.title.name,
        buyer_tax_number=invoice.title.tax_number,
        item=invoice.item,
        tax_code=invoice.tax_code,
        net=invoice.net,
        tax=invoice.tax,
        rate=invoice.rate,
        note=invoice.bill_number,
    )
    return await platform.issue(order)


def _after(invoice: Invoice, told: Told, *, reverses: bool, now: datetime) -> Invoice:
    if told.state is ToldState.REJECTED:
        return invoice.failed(told.why or "rejected")
    if told.state is not ToldState.DONE:
        return invoice.later(invoice.state, now=now)
    if reverses:
        return replace(invoice.at(State.REVERSED, now=now), reversal_number=told.number, reversed_at=told.at or now)
    issued = replace(invoice.at(State.ISSUED, now=now), number=told.number, issued_at=told.at or now)
    return replace(issued.at(State.REVERSING, now=now), unwanted=False) if invoice.unwanted else issued


async def _write(invoicing: Invoicing, changed: Invoice, was: Invoice, now: datetime) -> bool:
    kind = {State.ISSUED: ISSUED, State.REVERSED: REVERSED}.get(changed.state)

    async def work(transaction: Transaction) -> bool:
        if not await invoicing.invoices.put(changed, was=was, transaction=transaction):
            return False
        if kind is not None:
            payload = {"account_id": str(changed.account_id), "bill_id": str(changed.bill_id)}
            await invoicing.outbox.add([Event(kind, changed.id, now, payload)], transaction=transaction)
        return changed.state is not was.state

    return await invoicing.mongo.transact(work)


def _unwanted(invoice: Invoice, *, now: datetime) -> Invoice | None:
    """Return an invoice as its bill is taken back; None where there is nothing to do about it."""
    if invoice.state is State.REQUESTED:
        return invoice.failed(BILL_GONE)
    if invoice.state is State.ISSUING and not invoice.unwanted:
        return replace(invoice, unwanted=True, revision=invoice.revision + 1)
    if invoice.state is State.FAILED and invoice.why == SILENT and invoice.was is State.ISSUING:
        return replace(invoice.at(State.ISSUING, now=now), unwanted=True)
    return invoice.at(State.REVERSING, now=now) if invoice.state is State.ISSUED else None


def _made(bill: Bill, title: Title, *, nth: int, by: UUID, now: datetime, zone: str) -> Invoice:
    vat = vat_on(local_day(now, zone))
    parts = split(bill.total, rate=vat.rate)
    return Invoice(
        id=invoice_id(bill.id, title, nth=nth),
        bill_id=bill.id,
        bill_number=bill.number,
        account_id=bill.account_id,
        region=bill.region,
        org_path=bill.org_path,
        title=title,
        total=bill.total,
        net=parts.net,
        tax=parts.tax,
        rate=vat.rate,
        item=vat.item,
        tax_code=vat.tax_code,
        by=by,
        requested_at=now,
        next_at=now,
    )
