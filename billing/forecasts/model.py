"""What is to come: projected, never a bill."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from gridhall.kit.localdays import Month
from gridhall.kit.money import Fen
from gridhall.metering.load.model import TooLittle
from gridhall.metering.load.projection import Projection


class Unpriced(StrEnum):
    """Why a projected use has no price."""

    NO_SINGLE_TARIFF = "no_single_tariff"
    NO_TARIFF_VERSION = "no_tariff_version"
    NO_SERVICE_POINT = "no_service_point"
    PERIODS_DIFFER = "periods_differ"


@dataclass(frozen=True, slots=True)
class UsedSoFar:
    """What is known when a period is priced before its end, in kWh.

    before: of the tier cycle before the period. measured: a period of use since its beginning.
    shares: how the rest is expected to fall into the periods; they sum to 1. Both have the tariff's periods.
    """

    before: Decimal
    measured: Mapping[str, Decimal]
    shares: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class ProjectedBill:
    """The energy charge of a running billing period, as it is likely to become.

    so_far: what the use until now costs. likely, low, high: of the whole period; four times of five it ends between.
    """

    month: Month
    so_far: Fen
    likely: Fen
    low: Fen
    high: Fen


@dataclass(frozen=True, slots=True)
class TierAhead:
    """When the next tier of the cycle is reached; None where that is not before the cycle ends.

    used: kWh of the cycle so far. earliest, latest: four times of five it is between them.
    """

    tier: int
    starts_at: Decimal
    used: Decimal
    likely_on: date | None
    earliest: date | None
    latest: date | None


@dataclass(frozen=True, slots=True)
class BalanceAhead:
    """How long money paid ahead lasts.

    unbilled: what the use since the last bill costs, which no bill has taken yet. left: prepaid less unbilled.
    likely_on: the day on which nothing is left; None where that is more than two months away.
    """

    prepaid: Fen
    unbilled: Fen
    left: Fen
    likely_on: date | None
    earliest: date | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """The outlook of an account's running billing period.

    bill: None where the use has no price, and `unpriced` says why. balance: None where nothing is paid ahead.
    as_of: when the newest reading behind it was stored.
    """

    month: Month
    today: date
    projection: Projection
    bill: ProjectedBill | None
    unpriced: Unpriced | None
    tier: TierAhead | None
    balance: BalanceAhead | None
    as_of: datetime | None


@dataclass(frozen=True, slots=True)
class NoForecast:
    """No outlook: why the use cannot be projected, or what the account lacks."""

    month: Month
    why: TooLittle | Unpriced
