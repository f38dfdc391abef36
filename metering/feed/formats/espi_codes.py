"""The words of ESPI (Green Button) and what they mean to us. Source: NAESB REQ.21, schema of 2013 to 2020."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from gridhall.metering.channels import IMPORT_KWH

ATOM: Final = "http://www.w3.org/2005/Atom"
ESPI: Final = "http://naesb.org/espi"

ELECTRICITY: Final = 1
"""CommodityKind of secondary metered electricity, which is what a home draws."""

COMMODITIES: Final = frozenset({0, 1, 2, 3})
"""CommodityKinds that are electricity; 0 does not say."""

ENERGY: Final = 12
"""MeasurementKind."""

DELTA: Final = 4
"""AccumulationKind of an energy between two instants."""

NORMAL: Final = 12
"""DataQualifierKind."""

WH: Final = 72
VARH: Final = 73

FORWARD: Final = 1
REVERSE: Final = 19
"""FlowDirectionKinds: to the customer, and from it."""

CHANNELS: Final[Mapping[tuple[int, int], str]] = MappingProxyType(
    {
        (WH, FORWARD): IMPORT_KWH,
        (WH, REVERSE): "export-kwh",
        (VARH, FORWARD): "import-kvarh",
        (VARH, REVERSE): "export-kvarh",
    }
)
"""Our channel by unit and direction of flow."""

NO_RULE: Final = "FFFFFFFF"
"""The rule of summer time where there is none."""

KILO: Final = 3
"""Power of ten between ESPI's units and ours."""
