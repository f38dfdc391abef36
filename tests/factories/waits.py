"""What months wait for, as the board counts it."""

from collections import Counter

from gridhall.billing.board.model import STAGE_OF_WAIT
from gridhall.billing.services import Billing
from gridhall.kit.localdays import Month


async def waits_of(billing: Billing, month: Month, *, region: str = "zhejiang") -> dict[str, int]:
    """How many accounts of a region's month wait, by the code of what for."""
    found = await billing.waits.page(
        region=region, month=month, units=("",), codes=list(STAGE_OF_WAIT), after=None, limit=1000
    )
    return dict(Counter(one.waiting.code for one in found))
