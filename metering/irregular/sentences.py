"""What a signal found, as a sentence in the words of the catalogue with its numbers in it."""

from collections import defaultdict
from typing import Final

from gridhall.kit.words import Words
from gridhall.metering.irregular.model import Evidence

_SHORT: Final = 100
"""Numbers from here on are said without decimals; those of two digits with one, smaller ones with two."""


def title(evidence: Evidence, *, words: Words, language: str) -> str:
    """Return the name of the signal."""
    return words.say(f"irregular.{evidence.signal}.title", language=language)


def sentence(evidence: Evidence, *, words: Words, language: str) -> str:
    """Return the sentence; a number that could not be told is said to be unknown."""
    unknown = words.say("irregular.unknown_number", language=language)
    since = evidence.since.isoformat() if evidence.since else words.say("irregular.whole_window", language=language)
    said: defaultdict[str, str] = defaultdict(lambda: unknown, since=since)
    said.update({name: _short(value) for name, value in evidence.numbers.items()})
    return words.say(f"irregular.{evidence.signal}.sentence", language=language, params=said)


def _short(value: float) -> str:
    if abs(value) >= _SHORT:
        return f"{value:.0f}"
    text = f"{value:.{1 if abs(value) >= _SHORT / 10 else 2}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
