"""Splitting a whole number by weights, exactly. Pure."""

from collections.abc import Sequence
from fractions import Fraction


def split(total: int, *, weights: Sequence[int | Fraction]) -> list[int]:
    """Split `total` (0 or more) by weights (0 or more): what is left by rounding down goes to the largest remainders.

    The parts sum to `total`. Where all weights are 0, all count alike. Raises ValueError of no weights.
    """
    if not weights:
        raise ValueError("weights: there are none")
    whole = sum(weights)
    if not whole:
        weights, whole = [1] * len(weights), len(weights)
    exact = [Fraction(total) * weight / whole for weight in weights]
    parts = [int(share) for share in exact]
    largest = sorted(range(len(parts)), key=lambda slot: (parts[slot] - exact[slot], slot))
    for slot in largest[: total - sum(parts)]:
        parts[slot] += 1
    return parts
