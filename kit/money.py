"""Money is integer fen; a unit price is a Decimal of yuan/kWh; rounding happens once, by name."""

from decimal import ROUND_HALF_UP, Decimal
from typing import NewType

Fen = NewType("Fen", int)
"""An amount of money in fen (1/100 yuan), never a float."""

_FEN_PER_YUAN = 100


def round_to_fen(yuan: Decimal) -> Fen:
    """Round an exact amount of yuan half-up (away from zero at the half) to the fen.

    Source: every real household bill at hand is reproduced only when each line is rounded this way.
    """
    return Fen(int((yuan * _FEN_PER_YUAN).quantize(Decimal(1), rounding=ROUND_HALF_UP)))


def yuan(fen: Fen | int) -> Decimal:
    """Return the amount in yuan with exactly two decimals."""
    return (Decimal(fen) / _FEN_PER_YUAN).quantize(Decimal("0.01"))
