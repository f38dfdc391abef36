"""What people write down: a reason, a note. Blanks and characters that nobody sees say nothing."""

import unicodedata
from typing import Final

REASON_LENGTHS: Final = range(4, 201)
"""How long a reason is: enough to say something, too short for a copy of what was seen."""

_UNSEEN: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Mn", "Me", "Zl", "Zp", "Zs"})
"""Categories of Unicode that leave no mark of their own: controls, zero-width, unassigned, marks on others, blanks."""

_FILLERS: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Blanks that Unicode calls letters or symbols: the fillers of Hangul, the braille cell without a dot."""


def said(text: str, *, lengths: range = REASON_LENGTHS) -> str | None:
    """Return a text without the space around it; None where it is too long, or too little of it can be seen.

    lengths: how many characters it may have. The least of them must be visible, blanks between words counted once.
    """
    words = "".join(one if one in " \t\n\r\u3000" or _seen(one) else "" for one in text).split()
    kept = text.strip()
    return kept if len(" ".join(words)) >= lengths.start and len(kept) < lengths.stop else None


def _seen(character: str) -> bool:
    return unicodedata.category(character) not in _UNSEEN and character not in _FILLERS
