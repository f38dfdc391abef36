"""From a bill in the books to everything that its page shows."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from gridhall.billing.accounts.model import Account, AccountId
from gridhall.billing.accounts.repository import AccountRepository
from gridhall.billing.bills.model import Bill, BillId
from gridhall.billing.bills.repository import BillRepository
from gridhall.billing.regions import region
from gridhall.billing.tariffs import catalogue
from gridhall.crm.access.repository import HolderRepository
from gridhall.crm.customers.model import masked_name
from gridhall.crm.customers.repository import CustomerRepository
from gridhall.kit.localdays import local_day
from gridhall.kit.settings import Settings
from gridhall.kit.words import LANGUAGES
from gridhall.metering.histories.queries import period_totals
from gridhall.metering.histories.repository import HistoryRepository
from gridhall.notifications.channels.port import Attachment
from gridhall.notifications.ebill.model import MAX_MONTHS, EBill, MonthUsage, PeriodUsage, ReadingSource
from gridhall.notifications.ebill.parts import (
    charge_lines,
    late_fee_of,
    notes_of,
    points_of,
    reading_of,
    register_rows,
    tariff_of,
    tier_bar,
)
from gridhall.notifications.ebill.render import render
from gridhall.notifications.ledger.model import Notice

_LANGUAGE = LANGUAGES[0]
_KEPT_ADDRESS = 6
_NO_TARIFF = "–"


@dataclass(frozen=True, slots=True)
class EBillMaker:
    """Makes e-bills on demand; nothing is stored, since the bill never changes."""

    bills: BillRepository
    accounts: AccountRepository
    customers: CustomerRepository
    holders: HolderRepository
    histories: HistoryRepository
    settings: Settings

    async def pdf(self, bill_id: BillId) -> bytes:
        """Return the e-bill of an issued bill. Raises NoSuchBillError."""
        bill = (await self.bills.load([bill_id])).get(bill_id)
        if bill is None or bill.issued_at is None:
            raise NoSuchBillError(bill_id)
        page = await self._page(bill)
        return await asyncio.to_thread(render, page)

    async def of(self, notice: Notice) -> tuple[Attachment, ...]:
        """Return the attachments of a notice: the e-bill where it is about a bill."""
        bill_id = notice.data.get("bill_id")
        if bill_id is None:
            return ()
        content = await self.pdf(BillId(UUID(str(bill_id))))
        return (Attachment(f"e-bill-{notice.data['month']}.pdf", "application/pdf", content),)

    async def _page(self, bill: Bill) -> EBill:
        account = (await self.accounts.load([bill.account_id]))[bill.account_id]
        name, months, reading = await asyncio.gather(self._name(account.id), self._months(bill), self._reading(bill))
        before = (await self.bills.load([bill.replaces])).get(bill.replaces) if bill.replaces else None
        address = self.settings.e_bill_pay_url
        return assemble(
            bill,
            account=account,
            name=name,
            months=months,
            reading=reading,
            zone=self.settings.time_zone,
            payment_url=address.format(public_url=self.settings.public_url, bill_id=bill.id) if address else None,
            replaced=before.number if before else "",
        )

    async def _name(self, account_id: AccountId) -> str:
        holder_id = (await self.holders.of_accounts([account_id])).get(account_id)
        holder = (await self.customers.load([holder_id])).get(holder_id) if holder_id else None
        return masked_name(holder.name) if holder and holder.name else ""

    async def _months(self, bill: Bill) -> tuple[MonthUsage, ...]:
        before = bill.month.shift(1)
        # Cancelled bills are among them: a month that was billed anew shows what counts.
        known = await self.bills.newest([bill.account_id], before=before, limit=2 * MAX_MONTHS)
        counting = [one for one in known.get(bill.account_id, ()) if one.status.counts]
        kwh = {one.month: one.kwh for one in counting} | {bill.month: bill.kwh}
        labels = [bill.month.shift(-back) for back in reversed(range(MAX_MONTHS))]
        return tuple(MonthUsage(month, kwh.get(month), is_current=month == bill.month) for month in labels)

    async def _reading(self, bill: Bill) -> ReadingSource:
        points = points_of(bill)
        curves = await period_totals(point_ids=points, days=bill.days, histories=self.histories)
        return reading_of(bill, curves=curves)


def assemble(
    bill: Bill,
    *,
    account: Account,
    name: str,
    months: tuple[MonthUsage, ...],
    reading: ReadingSource,
    zone: str,
    payment_url: str | None = None,
    replaced: str = "",
) -> EBill:
    """Return the page of an issued bill, with the address masked.

    The account number stands in full: it is asked for at the counter, and is part of the bill's own number.
    replaced: the number of the bill in whose place it came.
    """
    if bill.issued_at is None or bill.due_on is None:
        raise NoSuchBillError(bill.id)
    place = region(account.region)
    split = bill.by_period()
    version = tariff_of(bill)
    return EBill(
        number=bill.number,
        template_version=bill.template,
        supplier_name=place.supplier[_LANGUAGE],
        region_name=place.title[_LANGUAGE],
        customer_name=name,
        account_number=account.number,
        supply_address=masked_address(account.address),
        first_day=bill.days.start,
        last_day=bill.days.end - timedelta(days=1),
        issued_on=local_day(bill.issued_at, zone),
        due_on=bill.due_on,
        total=bill.total,
        lines=charge_lines(bill),
        registers=register_rows(bill),
        readings=reading,
        tariff_name=catalogue.tariff(version.code).title.zh if version else _NO_TARIFF,
        is_tariff_provisional=version is not None and version.provisional,
        hotline=place.hotline,
        prepaid=bill.prepaid,
        tier_bar=tier_bar(bill, version, terms=account.terms) if version else None,
        periods=tuple(PeriodUsage(period, kwh) for period, kwh in split.items()) if len(split) > 1 else (),
        months=months,
        payment_url=payment_url if bill.status.payable else None,
        notes=notes_of(bill, replaced=replaced),
        late_fee=late_fee_of(bill),
    )


def masked_address(address: str) -> str:
    """Return an address of which only the beginning shows: the town and not the door."""
    return address[:_KEPT_ADDRESS] + "*" * max(0, min(8, len(address) - _KEPT_ADDRESS))


class NoSuchBillError(LookupError):
    """There is no such bill, or it is not issued."""

    def __init__(self, bill_id: BillId) -> None:
        super().__init__(f"there is no issued bill {bill_id}")
