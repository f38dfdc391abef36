"""What comes of opening, closing or taking over a shift."""

from typing import Annotated

import strawberry

from gridhall.graphql.mutations.refused import Refused
from gridhall.graphql.types.desk.money import Shift


@strawberry.type(description="The shift as it is now.")
class ShiftChanged:
    """The shift as it is now."""

    shift: Shift


ShiftResult = Annotated[ShiftChanged | Refused, strawberry.union("ShiftResult", description="What came of it.")]
