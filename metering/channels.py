"""What a meter counts: energy in or out of the point, active (kWh) or reactive (kVArh)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

IMPORT_KWH: Final = "import-kwh"
"""Energy drawn by the customer; what a row means that names no channel."""

CHANNELS: Mapping[str, int] = MappingProxyType(
    {IMPORT_KWH: 1, "export-kwh": 2, "import-kvarh": 3, "export-kvarh": 4},
)
"""Every channel with the byte that stands for it inside keys; a byte is never given a second meaning."""
