"""What confirming and dismissing a case of irregular use share: the input."""

import strawberry
from strawberry import relay

from gridhall.metering.irregular.cases.model import Closing


@strawberry.input(description="A case, what was found, and in which words.")
class CloseIrregularCaseInput:
    """A case, what was found, and in which words."""

    id: relay.GlobalID
    revision: int
    closing: Closing
    note: str = strawberry.field(description="4 to 500 characters; kept with the case.")
