"""A whole delivery of bills, some hundred at a time: read, checked, taken, and what cannot be read kept aside."""

from collections.abc import Iterable
from datetime import datetime

from gridhall.billing.shadow import refusals
from gridhall.billing.shadow.formats.port import Told, Unreadable
from gridhall.billing.shadow.model import Refused, Report, Sender
from gridhall.billing.shadow.operations import CHUNK, Row, Shadow, refuse, take_bills
from gridhall.billing.shadow.reading import BadBillError, read_bill


async def take_delivery(*, shadow: Shadow, told: Iterable[Told | Unreadable], sender: Sender, now: datetime) -> Report:
    """Take the bills of a file, in memory that does not grow with it. What was taken stays taken, however it ends."""
    taker = Taker(shadow, sender)
    for one in told:
        await taker.add(one, now=now)
    return await taker.end(now=now)


class Taker:
    """Takes bills as they come, a chunk at a time."""

    def __init__(self, shadow: Shadow, sender: Sender) -> None:
        self._shadow = shadow
        self._sender = sender
        self._rows: dict[str, Row] = {}
        self._refused: list[Refused] = []
        self.report = Report()

    async def add(self, told: Told | Unreadable, *, now: datetime) -> None:
        """Take one bill, or keep it aside with the reason."""
        row = _row(told)
        if isinstance(row, Refused):
            self._refused.append(row)
        else:
            if row.bill.number in self._rows:  # what a number says twice is said one after the other
                await self._take(now)
            self._rows[row.bill.number] = row
        if len(self._rows) + len(self._refused) >= CHUNK:
            await self._take(now)

    async def end(self, *, now: datetime) -> Report:
        """Take what is left, and return what became of all."""
        await self._take(now)
        return self.report

    async def _take(self, now: datetime) -> None:
        rows, self._rows = list(self._rows.values()), {}
        refused, self._refused = self._refused, []
        if refused:
            self.report += await refuse(shadow=self._shadow, refused=refused, sender=self._sender, now=now)
        if rows:
            self.report += await take_bills(shadow=self._shadow, rows=rows, sender=self._sender, now=now)


def _row(told: Told | Unreadable) -> Row | Refused:
    if isinstance(told, Unreadable):
        return Refused(told.line, "", refusals.NOT_READABLE, told.field, told.reason, told.raw)
    try:
        return Row(told.line, told.raw, read_bill(told.fields))
    except BadBillError as error:
        number = str(told.fields.get("number", ""))[:40]
        return Refused(told.line, number, refusals.BAD_FIELD, error.field, error.reason, told.raw)
