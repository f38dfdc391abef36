"""Money is integer fen; a unit price is a Decimal of yuan/kWh; rounding happens once, by name."""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import NewType

Fen = NewType("Fen", int)
"""An amount of money in fen (1/100 yuan), never a float."""

_FEN_PER_YUAN = 100
_CENT = Decimal("0.01")
_YUAN = re.compile(r"-?\d{1,15}(?:\.\d{1,2})?", re.ASCII)


def round_to_fen(yuan: Decimal) -> Fen:
    """Round an exact amount of yuan half-up (away from zero at the half) to the fen.

    Source: every real household bill at hand is reproduced only when each line is rounded this way.
    """
    # Rounded as it stands: a product would be rounded to 28 digits first, which can make a half of what is less.
    return Fen(int(yuan.quantize(_CENT, rounding=ROUND_HALF_UP) * _FEN_PER_YUAN))


def yuan(fen: Fen | int) -> Decimal:
    """Return the amount in yuan with exactly two decimals."""
    return (Decimal(fen) / _FEN_PER_YUAN).quantize(_CENT)


def fen_of(text: str) -> Fen:
    """Read an amount in yuan as files and gateways write it: `88.8`, `-3.00`. Exact, or ValueError."""
    if not _YUAN.fullmatch(text):
        raise ValueError("an amount in yuan: digits, with two decimals at most")
    return Fen(int(Decimal(text) * _FEN_PER_YUAN))
