"""What a failed check says to people: an agent with its numbers, a customer without."""

from gridhall.kit.words import Words
from gridhall.metering.vee.model import Outcome


def title(code: str, *, words: Words, language: str) -> str:
    """Return the name of a check."""
    return words.say(f"vee.{code}.title", language=language)


def sentence(outcome: Outcome, *, words: Words, language: str) -> str:
    """Return what a failed check found, with its numbers."""
    return words.say(f"vee.{outcome.code}.sentence", language=language, params=dict(outcome.evidence))


def told_to_customer(outcome: Outcome, *, words: Words, language: str) -> str:
    """Return what a customer is told of a failed check: what it means for the curve, and for the bill."""
    return words.say(f"vee.{outcome.code}.customer", language=language)
