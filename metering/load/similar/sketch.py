"""A count of homes by use, small enough to keep of any number: bins a fiftieth wide, which add up exactly. Pure.

Counting is exact in any order and any division into chunks; a quantile read from it is within 1 % of the true one.
"""

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

WIDTH: Final = 1.02
_LOG_WIDTH: Final = math.log(WIDTH)
_WATT_HOURS: Final = 1000


def bin_of(kwh: Decimal) -> int:
    """Return the bin of a mean day of more than 0 kWh."""
    return round(math.log(float(kwh)) / _LOG_WIDTH)


def quantile(counts: Mapping[int, int], *, per_cent: int) -> Decimal:
    """Return the kWh that `per_cent` of the counted homes stay within; there must be at least one."""
    rank = -(-sum(counts.values()) * per_cent // 100)
    seen = 0
    for number in sorted(counts):
        seen += counts[number]
        if seen >= rank:
            break
    return Decimal(round(WIDTH**number * _WATT_HOURS)) / _WATT_HOURS
