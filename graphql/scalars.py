"""Scalars: exact money, and series that carry whole arrays instead of an object a reading."""

from typing import NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from gridhall.kit.money import Fen

Numbers = NewType("Numbers", list[float | None])
Codes = NewType("Codes", list[int | None])
Labels = NewType("Labels", list[str])


SCALARS: dict[object, ScalarDefinition] = {
    Fen: strawberry.scalar(name="Fen", description="An amount of money in fen (1/100 yuan), an exact integer."),
    Numbers: strawberry.scalar(
        name="Numbers", description="An array of numbers; null where a value is missing, which is not zero."
    ),
    Codes: strawberry.scalar(name="Codes", description="An array of integer codes; null where there is none."),
    Labels: strawberry.scalar(name="Labels", description="An array of texts that label the values beside it."),
}
