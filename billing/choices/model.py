"""The tariffs that a household may choose, each with what its last twelve months would have cost."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from gridhall.billing.tariffs.households import Kinds
from gridhall.billing.tariffs.model import TariffVersion
from gridhall.kit.localdays import Month
from gridhall.kit.money import Fen


class WhyNot(StrEnum):
    """Why nothing can be compared."""

    NO_SINGLE_TARIFF = "no_single_tariff"
    NO_TARIFF_VERSION = "no_tariff_version"
    NO_SERVICE_POINT = "no_service_point"
    FEW_READS = "few_reads"


@dataclass(frozen=True, slots=True)
class NoChoices:
    """Nothing to compare. days: of the last twelve months that have readings; needed: how many it takes."""

    why: WhyNot
    days: int = 0
    needed: int = 0


@dataclass(frozen=True, slots=True)
class Option:
    """A tariff, for a household of some kinds.

    applies: whether the household is of these kinds today; else it would have to prove that it is. current: whether
    it is billed so today. months: what each month would have cost; total: all of them. saving: against what is paid
    today, below zero where it would have cost more.
    """

    version: TariffVersion
    kinds: Kinds
    applies: bool
    current: bool
    months: tuple[Fen, ...]
    total: Fen
    saving: Fen


@dataclass(frozen=True, slots=True)
class Choices:
    """What a household's last twelve whole months would have cost by every tariff, cheapest first.

    kwh: whole kWh of each month; gaps are filled by the mean of what is there. coverage: the share of the twelve months
    that was measured. left_out: tariffs by time of use that the measured curve cannot be divided by.
    """

    months: tuple[Month, ...]
    kwh: tuple[Decimal, ...]
    coverage: Decimal
    options: tuple[Option, ...]
    left_out: tuple[TariffVersion, ...]

    @property
    def current(self) -> Option:
        """The tariff of today."""
        return next(option for option in self.options if option.current)

    @property
    def best(self) -> Option:
        """The cheapest one for the household as it is; today's, where none is cheaper."""
        return min((option for option in self.options if option.applies), key=lambda one: (one.total, not one.current))
