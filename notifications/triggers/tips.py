"""Once a month, accounts get the tip that their own curve suggests; most weeks most of them get none."""

from collections.abc import Sequence
from datetime import date, datetime

from gridhall.billing.accounts.model import Account, AccountId, masked_number
from gridhall.billing.tips.model import Tip
from gridhall.billing.tips.queries import Tips, tip_for
from gridhall.kit.localdays import Month
from gridhall.notifications.catalogue import EnergyTip
from gridhall.notifications.sending.notify import Telling, notify
from gridhall.notifications.triggers.bills import Newsroom


async def tell_tips(
    *, newsroom: Newsroom, tips: Tips, account_ids: Sequence[AccountId], today: date, now: datetime
) -> list[str]:
    """Tell the people of some hundred accounts their tips; return the keys of the deliveries.

    Idempotent: an account, a month and a customer are one notice.
    """
    accounts = await newsroom.accounts.load(account_ids)
    people = await newsroom.audience.of(list(accounts))
    tellings: list[Telling] = []
    for account in accounts.values():
        tip = await tip_for(tips=tips, account=account, today=today)
        if tip is None:
            continue
        tellings += [
            Telling(f"{account.id}:{Month.of(today)}:{customer.id}", customer, _said(tip, account), now, account.id)
            for customer in people[account.id]
        ]
    return await notify(office=newsroom.office, tellings=tellings, now=now)


def _said(tip: Tip, account: Account) -> EnergyTip:
    return EnergyTip(
        variant=str(tip.kind),
        account=masked_number(account.number),
        kwh=str(tip.kwh),
        saving=tip.saving,
        base_watts=tip.base_watts,
    )
