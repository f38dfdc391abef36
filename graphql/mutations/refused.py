"""The expected no of a mutation: a code and words."""

import strawberry

from gridhall.graphql.context import Info
from gridhall.graphql.errors import CODES
from gridhall.kit.subject import Refusal


@strawberry.type(description="An expected no: a code to act on and words to show.")
class Refused:
    """An expected no."""

    code: str
    message: str


def refused(refusal: Refusal, info: Info) -> Refused:
    """Present a refusal in the caller's language."""
    words = info.context.hall.words
    message = words.say(f"refusal.{refusal.code}", language=info.context.language, params=refusal.params)
    return Refused(code=CODES[refusal.code], message=message)
