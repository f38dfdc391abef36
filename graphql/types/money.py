"""Money as a client sees it."""

import strawberry

from gridhall.kit.money import Fen
from gridhall.kit.money import yuan as in_yuan


@strawberry.type(description="An amount of money, exact.")
class Money:
    """An amount of money."""

    fen: Fen = strawberry.field(description="In fen, for computing.")

    @strawberry.field(description="In yuan with two decimals, for showing.")
    def yuan(self) -> str:
        """Return the amount in yuan."""
        return str(in_yuan(self.fen))
