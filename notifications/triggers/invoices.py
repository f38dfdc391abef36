"""Invoices that were issued or reversed become notifications."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from gridhall.billing.accounts.model import masked_number
from gridhall.billing.invoices import operations
from gridhall.billing.invoices.model import InvoiceId
from gridhall.billing.invoices.repository import InvoiceRepository
from gridhall.notifications.catalogue import InvoiceReady
from gridhall.notifications.catalogue.invoice_ready import ISSUED, REVERSED
from gridhall.notifications.sending.notify import Telling, notify
from gridhall.notifications.triggers.bills import Newsroom


async def tell_invoices(
    *, newsroom: Newsroom, invoices: InvoiceRepository, event_ids: Sequence[UUID], now: datetime
) -> list[str]:
    """Tell of invoices whoever requested them, as long as they are of the account; return the keys of the deliveries.

    Idempotent: an invoice, what became of it and a customer are one notice.
    """
    events = await newsroom.outbox.load(event_ids)
    found = await invoices.load({InvoiceId(event.about) for event in events})
    bills = await newsroom.bills.load({one.bill_id for one in found.values()})
    accounts = await newsroom.accounts.load({one.account_id for one in found.values()})
    people = await newsroom.audience.of(list(accounts))
    tellings: list[Telling] = []
    for event in events:
        invoice = found.get(InvoiceId(event.about))
        if invoice is None or invoice.account_id not in accounts or invoice.bill_id not in bills:
            continue
        gone = event.kind == operations.REVERSED
        told = InvoiceReady(
            variant=REVERSED if gone else ISSUED,
            invoice_id=invoice.id,
            account=masked_number(accounts[invoice.account_id].number),
            month=str(bills[invoice.bill_id].month),
            total=invoice.total,
            invoice=invoice.reversal_number if gone else invoice.number,
        )
        tellings += [
            Telling(f"{invoice.id}:{told.variant}:{customer.id}", customer, told, event.at, invoice.account_id)
            for customer in people.get(invoice.account_id, ())
            if customer.id == invoice.by
        ]
    return await notify(office=newsroom.office, tellings=tellings, now=now)
