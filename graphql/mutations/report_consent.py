"""Report what the user just allowed in the mini-program."""

from typing import Annotated, Final

import strawberry

from gridhall.graphql.context import Info
from gridhall.graphql.errors import RefusedError
from gridhall.graphql.mutations.refused import Refused, refused
from gridhall.graphql.types.wechat import Consent
from gridhall.kit.subject import Refusal

_MOST_TEMPLATES: Final = 10
_SHORTEST_KEY, _LONGEST_KEY = 8, 64


@strawberry.input(description="The templates that `wx.requestSubscribeMessage` answered with `accept`.")
class ReportConsentInput:
    """The templates that were accepted."""

    templates: list[str] = strawberry.field(description="Our keys of the templates, 1 to 10.")
    idempotency_key: str = strawberry.field(description="8 to 64 characters, new for every time the user was asked.")


@strawberry.type(description="The consents are counted.")
class ConsentReported:
    """The consents are counted."""

    consents: list[Consent]


ReportConsentResult = Annotated[
    ConsentReported | Refused, strawberry.union("ReportConsentResult", description="What came of the report.")
]


@strawberry.mutation(description="Report what the user allowed in the mini-program. A known key counts no second time.")
async def report_consent(info: Info, input: ReportConsentInput) -> ReportConsentResult:
    """Report consents."""
    customer, hall = info.context.signed_in(), info.context.hall
    if not _SHORTEST_KEY <= len(input.idempotency_key) <= _LONGEST_KEY:
        raise RefusedError("input.bad_key")
    if not 1 <= len(set(input.templates)) == len(input.templates) <= _MOST_TEMPLATES:
        raise RefusedError("input.bad_list", {"field": "templates", "most": _MOST_TEMPLATES})
    outcome = await hall.people.consents.report(
        customer=customer, templates=input.templates, key=input.idempotency_key, now=hall.clock.now()
    )
    if isinstance(outcome, Refusal):
        return refused(outcome, info)
    return ConsentReported(consents=[Consent.of(one) for one in outcome])
