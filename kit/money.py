"""Money is integer fen; a unit price is a Decimal of yuan/kWh; rounding happens once, by name."""

from decimal import ROUND_HALF_UP, Decimal
from typing import NewType

Fen = NewType("Fen", int)
"""An amount of money in fen (1/100 yuan), never a float."""

_FEN_PER_YUAN = 100
_CENT = Decimal("0.01")


def round_to_fen(yuan: Decimal) -> Fen:
    """Round an exact amount of yuan half-up (away from zero at the half) to the fen.

    Source: every real household bill at hand is reproduced only when each line is rounded this way.
    """
    # Rounded as it stands: a product would be rounded to 28 digits first, which can make a half of what is less.
    return Fen(int(yuan.quantize(_CENT, rounding=ROUND_HALF_UP) * _FEN_PER_YUAN))


def yuan(fen: Fen | int) -> Decimal:
    """Return the amount in yuan with exactly two decimals."""
    return (Decimal(fen) / _FEN_PER_YUAN).quantize(_CENT)
