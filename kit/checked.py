"""What pydantic says of a field, as a person would say it."""

from typing import Final

from pydantic_core import ErrorDetails

_BEFORE_OURS: Final = "Value error, "
"""Pydantic's words before the message of a check of our own."""


def what_is_allowed(error: ErrorDetails) -> str:
    """Return what is wrong with a field, or what it must be, without the checker's own way of beginning."""
    return error["msg"].removeprefix(_BEFORE_OURS)
