"""What was thought of a read, in the caller's language."""

from collections.abc import Iterable

import strawberry

from gridhall.graphql.context import Info
from gridhall.metering.rounds.plausibility import Doubt, Finding

strawberry.enum(Doubt, name="ReadDoubt", description="What stands against a read.")


@strawberry.type(description="Something that stands against a read.")
class ReadFinding:
    """Something that stands against a read."""

    doubt: Doubt
    register: str | None
    message: str
    confirmable: bool = strawberry.field(description="Whether whoever reads may confirm it with a reason.")


def findings_of(findings: Iterable[Finding], info: Info) -> list[ReadFinding]:
    """Present findings."""
    words, language = info.context.hall.words, info.context.language
    return [
        ReadFinding(
            doubt=one.doubt,
            register=one.register,
            message=words.say(f"doubt.{one.doubt}", language=language, params={"register": one.register}),
            confirmable=one.is_warning,
        )
        for one in findings
    ]
