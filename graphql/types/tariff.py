"""Tariffs and the place of an account in the tiers of one."""

from datetime import date
from decimal import Decimal

import strawberry

from gridhall.billing.bills.standing import TierStanding
from gridhall.billing.tariffs import catalogue
from gridhall.billing.tariffs.model import TariffVersion
from gridhall.kit.words import LANGUAGES


def in_language(zh: str, en: str, language: str) -> str:
    """Return the one of two texts that is in the caller's language."""
    return zh if language == LANGUAGES[0] else en


@strawberry.type(description="A version of a tariff.")
class Tariff:
    """A version of a tariff."""

    code: str
    title: str
    since: date = strawberry.field(description="First day on which this version is in force.")
    status: str = strawberry.field(
        description="How sure its figures are: proven, sourced, weak, background, provisional."
    )
    source: str
    note: str = strawberry.field(description="What is unknown of it, and which of its rules are ours.")
    provisional: bool = strawberry.field(description="Whether prices, hours or dates of it have no good source.")
    doubts: list[str] = strawberry.field(description="Those that have none: prices, hours, first_day, seasons.")

    @classmethod
    def of(cls, version: TariffVersion, language: str) -> "Tariff":
        """Present a tariff version."""
        title = catalogue.tariff(version.code).title
        return cls(
            code=version.code,
            title=in_language(title.zh, title.en, language),
            since=version.effective_from,
            status=str(version.status),
            source=version.source,
            note=version.note,
            provisional=version.provisional,
            doubts=list(version.doubts),
        )


@strawberry.type(description="Where the account stands in the tiers (阶梯) of its cycle. Energy in kWh.")
class Tier:
    """The place of an account in its tiers."""

    tier: int = strawberry.field(description="1 for the first tier.")
    used: Decimal = strawberry.field(description="Energy of the cycle so far, billed and not billed yet.")
    billed: Decimal
    unbilled: Decimal = strawberry.field(description="Metered since the last bill; registers will confirm it.")
    upto: Decimal | None = strawberry.field(description="Last kWh of this tier; null in the top tier.")
    remaining: Decimal | None = strawberry.field(description="Left in this tier; null in the top tier.")
    boundaries: list[Decimal] = strawberry.field(description="Last kWh of each tier but the top one.")
    surcharge: Decimal = strawberry.field(description="Yuan a kWh on top of the tier-1 price in this tier.")
    cycle_from: date
    cycle_to: date = strawberry.field(description="First day after the cycle.")
    tariff: Tariff

    @classmethod
    def of(cls, standing: TierStanding, language: str) -> "Tier":
        """Present a tier standing."""
        place, tiers = standing.position, standing.tiers
        return cls(
            tier=place.tier,
            used=place.used,
            billed=standing.billed,
            unbilled=standing.unbilled,
            upto=place.upto,
            remaining=place.remaining,
            boundaries=[tier.upto_kwh for tier in tiers if tier.upto_kwh is not None],
            surcharge=tiers[place.tier - 1].surcharge,
            cycle_from=standing.cycle.start,
            cycle_to=standing.cycle.end,
            tariff=Tariff.of(standing.version, language),
        )
