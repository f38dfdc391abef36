"""The words of NEM12 and what they mean to us.

Source: AEMO's Meter Data File Format specification (quality and method flags, units) and its procedure for national
metering identifiers (suffixes), which name energy as the grid sees it: what it exports, the customer draws.
"""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from gridhall.metering.quality import Quality

ZONE_OFFSET: Final = "+10:00"
"""NEM time, the same in every state and all year round."""

MINUTES: Final = (5, 15, 30)

CHANNELS: Final[Mapping[tuple[str, str], str]] = MappingProxyType(
    {
        ("E", "wh"): "import-kwh",
        ("B", "wh"): "export-kwh",
        ("Q", "varh"): "import-kvarh",
        ("K", "varh"): "export-kvarh",
    }
)
"""Our channel by the first letter of an NMI suffix and the unit without its prefix."""

PREFIXES: Final[Mapping[str, int]] = MappingProxyType({"": -3, "k": 0, "m": 3})
"""Power of ten from a unit's prefix (in small letters: files write KWH, kWh and kWH) to kilo."""

QUANTITIES: Final[Mapping[str, str]] = MappingProxyType({"wh": "kwh", "varh": "kvarh"})
"""The second half of our channel's name by the unit without its prefix."""

_FLAGS: Final[Mapping[str, Quality | None]] = MappingProxyType(
    {
        "A": Quality.VALID,
        "S": Quality.ESTIMATED,
        "F": Quality.EDITED,
        "E": Quality.PROJECTED,
        "N": None,
    }
)
_INTERPOLATED: Final = frozenset({"17", "54"})
"""Methods that draw a line between two readings."""

VARIES: Final = "V"
"""The flag of a day whose quality is told by the 400 records below it."""


def quality_of(flag: str) -> Quality | None:
    """Return the quality that a flag like `A` or `S14` tells; None where there is no value (N). Raises KeyError.

    A substitute (S) waits for a better value, so it is an estimate; a final substitute (F) does not, so it counts as
    a value that people set; a forward estimate (E) is projected.
    """
    if flag[:1] == "S" and flag[1:] in _INTERPOLATED:
        return Quality.INTERPOLATED
    return _FLAGS[flag[:1]]


def unit_of(unit: str) -> tuple[str, str]:
    """Return prefix and unit of a text like `kWh` in small letters; an empty prefix and the text of any other."""
    small = unit.lower()
    for prefix in ("k", "m", ""):
        rest = small.removeprefix(prefix)
        if small.startswith(prefix) and rest in QUANTITIES:
            return prefix, rest
    return "", small


def kilo(value: str, power: int) -> str:
    """Return a value in kWh or kVArh, exact; `power`: of ten, from its unit to kilo."""
    return f"{Decimal(value).scaleb(power):f}"
