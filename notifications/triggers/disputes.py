"""Answers to objections become notifications."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from gridhall.billing.accounts.model import masked_number
from gridhall.billing.arrears.disputes.model import DisputeId
from gridhall.billing.arrears.disputes.repository import DisputeRepository
from gridhall.crm.customers.model import Role
from gridhall.notifications.catalogue import DisputeAnswered
from gridhall.notifications.sending.notify import Telling, notify
from gridhall.notifications.triggers.bills import Newsroom

_PAYERS = (Role.OWNER, Role.MEMBER)


async def tell_answers(
    *, newsroom: Newsroom, disputes: DisputeRepository, event_ids: Sequence[UUID], now: datetime
) -> list[str]:
    """Tell whoever pays for an account how an objection was answered; return the keys of the deliveries.

    Idempotent: an objection and a customer are one notice.
    """
    events = await newsroom.outbox.load(event_ids)
    answered = await disputes.load({DisputeId(event.about) for event in events})
    bills = await newsroom.bills.load({one.bill_id for one in answered.values()})
    accounts = await newsroom.accounts.load({one.account_id for one in answered.values()})
    people = await newsroom.audience.of(list(accounts), roles=_PAYERS)
    tellings = [
        Telling(
            f"{one.id}:{customer.id}",
            customer,
            DisputeAnswered(
                variant=str(one.state),
                bill_id=one.bill_id,
                account=masked_number(accounts[one.account_id].number),
                month=str(bills[one.bill_id].month),
                answer=one.resolution,
            ),
            one.closed_at or now,
            one.account_id,
        )
        for one in answered.values()
        if one.account_id in accounts and one.bill_id in bills
        for customer in people[one.account_id]
    ]
    return await notify(office=newsroom.office, tellings=tellings, now=now)
