"""How a home stands among similar ones."""

from datetime import datetime
from decimal import Decimal

import strawberry

from gridhall.billing.regions import region
from gridhall.graphql.context import Info
from gridhall.graphql.types.missing import Missing
from gridhall.metering.load.model import TooLittle
from gridhall.metering.load.similar.model import Group, Standing


@strawberry.type(description="A home among those of its region, class and size; never one of ten homes or fewer.")
class HomesCompared:
    """A home among similar ones."""

    group: str = strawberry.field(description="Who is compared, in words.")
    homes: int
    own_kwh: Decimal = strawberry.field(description="The home's mean day.")
    median_kwh: Decimal = strawberry.field(description="The mean day that half of the homes stay within.")
    efficient_kwh: Decimal = strawberry.field(description="The mean day that the lowest 20 % stay within.")
    fifth: int = strawberry.field(description="1 for the fifth of the homes that uses least, to 5.")
    message: str
    as_of: datetime


@strawberry.type(description="A month of the home beside similar ones, or why it has no place among them.")
class SimilarHomes:
    """A month beside similar homes."""

    month: str
    compared: HomesCompared | None
    missing: Missing | None

    @classmethod
    def of(cls, found: Standing | TooLittle, *, month: str, info: Info) -> "SimilarHomes":
        """Present a home's place."""
        if isinstance(found, TooLittle):
            return cls(month=month, compared=None, missing=Missing.of(found, info))
        figures = found.figures
        words, language = info.context.hall.words, info.context.language
        compared = HomesCompared(
            group=_described(figures.group, info),
            homes=figures.homes,
            own_kwh=found.own,
            median_kwh=figures.median,
            efficient_kwh=figures.efficient,
            fifth=found.fifth,
            message=words.say(f"similar.fifth_{found.fifth}", language=language),
            as_of=figures.as_of,
        )
        return cls(month=month, compared=compared, missing=None)


def _described(group: Group, info: Info) -> str:
    """Name a group: the class, the size band, the region."""
    words, language = info.context.hall.words, info.context.language
    size = "any"
    if group.upto_kw is not None:
        size = "between" if group.above_kw is not None else "upto"
    elif group.above_kw is not None:
        size = "above"
    band = {"above": group.above_kw, "upto": group.upto_kw}
    return words.say(
        f"similar.{group.supply_class}",
        language=language,
        params={
            "region": region(group.region).title[language],
            "size": words.say(f"similar.size_{size}", language=language, params=band),
        },
    )
