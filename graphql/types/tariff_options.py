"""What a household would have paid by the other tariffs that it may choose."""

from decimal import Decimal

import strawberry

from gridhall.billing.choices import model
from gridhall.billing.tariffs import catalogue
from gridhall.graphql.context import Info
from gridhall.graphql.types.missing import Missing
from gridhall.graphql.types.money import Money
from gridhall.graphql.types.tariff import Tariff, in_language
from gridhall.kit.money import yuan


@strawberry.type(description="A tariff, and what the last twelve whole months would have cost by it.")
class TariffOption:
    """A tariff that may be chosen."""

    tariff: Tariff
    household: list[str] = strawberry.field(
        description="Of which kinds the household is taken to be: large, heating_exempt, subsidised."
    )
    applies: bool = strawberry.field(
        description="Whether it is of these kinds today; else it would have to prove that it is."
    )
    current: bool = strawberry.field(description="Whether it is billed so today.")
    total: Money
    saving: Money = strawberry.field(description="Against the tariff of today; below zero where it costs more.")
    month_totals: list[int] = strawberry.field(description="Fen, of each of the months.")

    @classmethod
    def of(cls, option: model.Option, language: str) -> "TariffOption":
        """Present an option."""
        return cls(
            tariff=Tariff.of(option.version, language),
            household=sorted(option.kinds),
            applies=option.applies,
            current=option.current,
            total=Money(fen=option.total),
            saving=Money(fen=option.saving),
            month_totals=list(option.months),
        )


@strawberry.type(description="The tariffs that a household may choose, cheapest first. Nothing in it is a bill.")
class TariffOptions:
    """The tariffs that a household may choose."""

    months: list[str] = strawberry.field(description="The last twelve whole months.", default_factory=list)
    kwh: list[Decimal] = strawberry.field(
        description="Energy of each month; where readings are missing, as the rest of it.", default_factory=list
    )
    coverage: Decimal | None = strawberry.field(description="Share of the twelve months that was read.", default=None)
    options: list[TariffOption] = strawberry.field(default_factory=list)
    left_out: list[Tariff] = strawberry.field(
        description="Tariffs by time of use that too few curves are there for.", default_factory=list
    )
    messages: list[str] = strawberry.field(description="What it means, in sentences.", default_factory=list)
    missing: Missing | None = strawberry.field(description="Why there is nothing to compare.", default=None)

    @classmethod
    def of(cls, found: model.Choices | model.NoChoices, info: Info) -> "TariffOptions":
        """Present what was compared, or why nothing was."""
        if isinstance(found, model.NoChoices):
            return cls(missing=Missing.of(found, info))
        language = info.context.language
        return cls(
            months=[str(month) for month in found.months],
            kwh=list(found.kwh),
            coverage=round(found.coverage, 3),
            options=[TariffOption.of(option, language) for option in found.options],
            left_out=[Tariff.of(version, language) for version in found.left_out],
            messages=_messages(found, info),
        )


def _messages(found: model.Choices, info: Info) -> list[str]:
    language, say = info.context.language, info.context.hall.words.say
    title = catalogue.tariff(found.best.version.code).title
    params = {"title": in_language(title.zh, title.en, language), "saving": yuan(found.best.saving)}
    said = [say("choice.stay" if found.best.current else "choice.save", language=language, params=params)]
    if any(option.version.provisional for option in found.options):
        said.append(say("choice.provisional", language=language, params={}))
    return said
