"""Why there is no figure, in a code and in words."""

import strawberry

from gridhall.billing.choices.model import NoChoices
from gridhall.billing.forecasts.model import Unpriced
from gridhall.graphql.context import Info
from gridhall.metering.load.model import TooLittle


@strawberry.type(description="Why there is no figure where one could be.")
class Missing:
    """Why there is no figure."""

    reason: str = strawberry.field(
        description="nothing_measured, few_whole_days, nothing_used, few_homes, not_compared, no_single_tariff, "
        "no_tariff_version, no_service_point, periods_differ or few_reads."
    )
    message: str
    whole_days: int = strawberry.field(
        description="Days without a gap that are there; 0 where days are not the matter."
    )
    needed: int = strawberry.field(description="How many days, or homes, it takes; 0 where that is not the matter.")

    @classmethod
    def of(cls, why: TooLittle | Unpriced | NoChoices, info: Info) -> "Missing":
        """Present a reason."""
        if isinstance(why, NoChoices):
            code, whole, needed = str(why.why), why.days, why.needed
        else:
            code = str(why.reason if isinstance(why, TooLittle) else why)
            whole, needed = (why.whole, why.needed) if isinstance(why, TooLittle) else (0, 0)
        message = info.context.hall.words.say(
            f"missing.{code}", language=info.context.language, params={"whole": whole, "needed": needed}
        )
        return cls(reason=code, message=message, whole_days=whole, needed=needed)
