"""Debts of bills that were issued when arrears kept a row a reminder, in `reminders`, and nothing beside it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from gridhall.billing.arrears.model import debt_of, next_day
from gridhall.billing.arrears.policies import Stage
from gridhall.billing.arrears.repository import DebtRepository, pack
from gridhall.billing.bills.document import unpack
from gridhall.kit.migrations import Added, Besides
from gridhall.kit.mongo import Document

_TOPS: Final = {"zhejiang": Stage.OVERDUE_LAST, "shaanxi": Stage.OVERDUE_AGAIN}
"""The last reminder there was then. A row went with it, so an unpaid bill without a row has had that one."""


def debts_owed(bill: Document, besides: Besides) -> Sequence[Added]:
    """Return the debt of a bill of schema 2 that is not paid, at the reminder to which its row had come."""
    debt = debt_of(unpack(bill))
    if debt is None:
        return ()
    row = besides["reminders"]
    reached = _TOPS.get(debt.region) if row is None else row["reached"] and Stage(row["reached"])
    reminded = replace(debt, reached=reached)
    reminded = replace(reminded, next_on=next_day(reminded, after=date.min))
    return [Added(DebtRepository.collection_name, pack(reminded))]
