"""Automatic top-up (自动充值): a customer's consent that money is collected where the balance runs low. Pure.

It goes by the account's bank mandate (代扣协议), and so by the bank's next collection file. Withholding contracts of
WeChat Pay and Alipay are others, and not supported.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from gridhall.billing.accounts.model import AccountId
from gridhall.kit.money import Fen
from gridhall.kit.subject import Refusal

LEAST: Final = Fen(10_00)
MOST: Final = Fen(5_000_00)
NO_MANDATE: Final = Refusal("prepayment.no_mandate")
NOT_PREPAID: Final = Refusal("prepayment.not_prepaid")


@dataclass(frozen=True, slots=True)
class TopUpConsent:
    """A consent. below: the balance under which `amount` is collected; daily_most: the most of a day, in fen.

    by: the customer who consented. Given anew it takes the place of the one before.
    """

    account_id: AccountId
    below: Fen
    amount: Fen
    daily_most: Fen
    by: UUID
    at: datetime

    def due(self, balance: Fen) -> Fen:
        """Return what is to be collected at a balance: as often the amount as lifts it, within the most of a day."""
        if balance >= self.below:
            return Fen(0)
        times = -(-(self.below - balance) // self.amount)
        return Fen(min(times * self.amount, self.daily_most))


def may_consent(*, below: Fen, amount: Fen, daily_most: Fen) -> Literal[True] | Refusal:
    """An amount is 10 to 5,000 yuan, the most of a day no less than it and no more than that; the limit 0 or more."""
    fine = LEAST <= amount <= daily_most <= MOST and 0 <= below <= MOST
    return True if fine else Refusal("prepayment.bad_top_up", {"least": LEAST, "most": MOST})
