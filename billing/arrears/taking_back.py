"""Taking penalties back that were posted for days that cost less than was known then: told late, or our outage.

Every debt keeps which days cost it what. So whatever becomes known of a day lowers just that day, and once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.arrears.at_hand import Following
from gridhall.billing.arrears.model import SYSTEM, Debt, Pursuit
from gridhall.billing.arrears.notes import PENALTY_LOWERED
from gridhall.billing.arrears.penalty import Penalty
from gridhall.billing.ledger.operations import post
from gridhall.billing.ledger.postings import penalty_taken_back
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Transaction


@dataclass(frozen=True, slots=True)
class Lowered:
    """A debt with its penalty lowered. let_off: of what was owed of it; to_prepaid: of what was paid, which is back."""

    debt: Debt
    let_off: Fen
    to_prepaid: Fen


def lowered(debt: Debt, penalty: Penalty) -> Lowered | None:
    """Return a debt with its penalty as its days should have made it; None where that changes none of them.

    What was let off of the penalty already is not given a second time.
    """
    if penalty.charges == debt.penalty.charges:
        return None
    less = max(0, penalty.posted - penalty.total)
    let_off = min(less, penalty.posted - penalty.paid - penalty.waived)
    to_prepaid = min(less - let_off, penalty.paid)
    fitting = replace(
        penalty,
        posted=Fen(penalty.posted - less),
        paid=Fen(penalty.paid - to_prepaid),
        waived=Fen(penalty.waived - (less - let_off - to_prepaid)),
    )
    return Lowered(replace(debt, penalty=fitting), Fen(let_off), Fen(to_prepaid))


async def take_back(
    *,
    following: Following,
    account_id: AccountId,
    made: Mapping[str, Lowered],
    pursuit: Pursuit | None,
    why: Callable[..., str],
    transaction: Transaction,
    now: datetime,
) -> Pursuit | None:
    """Post what is taken back of an account's penalties, and say why in its history; return how it is followed then.

    made: by what tells each from every other in the ledger. why: writes the note, of how many fen it is. The debts
    themselves are the caller's to write.
    """
    moved = {key: one for key, one in made.items() if one.let_off or one.to_prepaid}
    if not moved:
        return pursuit
    (account,) = (await following.accounts.load([account_id], transaction=transaction)).values()
    postings = [
        penalty_taken_back(account=account, key=key, let_off=one.let_off, to_prepaid=one.to_prepaid, now=now)
        for key, one in moved.items()
    ]
    await post(postings=postings, ledger=following.ledger, accounts=following.accounts, transaction=transaction)
    if pursuit is None:
        return None
    less = sum(one.let_off + one.to_prepaid for one in moved.values())
    noted = pursuit.noted(PENALTY_LOWERED, by=SYSTEM, note=why(fen=less), now=now)
    await following.pursuits.put([noted], transaction=transaction)
    return noted
