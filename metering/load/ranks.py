"""Quantiles as the nearest value that was really measured, so that counts stay whole. Pure."""

from collections.abc import Sequence


def at_rank(ordered: Sequence[int], *, per_mille: int) -> int:
    """Return the value of an ordered, non-empty sequence at a quantile of 0 to 1000 per mille, nearest rank."""
    return ordered[(2 * per_mille * (len(ordered) - 1) + 1000) // 2000]
