"""The energy between two reads of one register, over the end of its digits too. Pure."""

from typing import Final

_PART: Final = 10
"""A register that shows less went over its end where that takes no more than a tenth of what it can show."""


def used_between(*, before: int, after: int, scale: int, digits: int | None) -> int | None:
    """Return how far a register ran from `before` to `after`, in counts of 10**-scale.

    A register of `digits` whole digits that shows less than before went over its end once: from 99999 to 00012 it
    ran 13. Where the digits are not known, or a value has more of them, a register that shows less gives None.
    """
    if after >= before:
        return after - before
    if digits is None:
        return None
    end: int = 10 ** (digits + scale)
    return end - before + after if before < end else None


def counted_between(*, before: int, after: int, scale: int, digits: int | None) -> int | None:
    """Return the same where it can be believed; None of a register that ran backwards.

    Over its end a register goes once in years: one that would have run through more than a tenth of its digits for it
    was read wrong, or turned back.
    """
    used = used_between(before=before, after=after, scale=scale, digits=digits)
    if used is None or after >= before or digits is None:
        return used
    end: int = 10 ** (digits + scale)
    return used if used * _PART <= end else None


def shown_after(*, before: int, used: int, scale: int, digits: int | None) -> int:
    """Return what a register shows after it ran on by `used`: the other way round."""
    return before + used if digits is None else (before + used) % 10 ** (digits + scale)
