"""What every form of delivery is read as."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Told:
    """The fields of a bill, unchecked: where it begins, and the text that it came as."""

    line: int
    raw: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row of which nobody knows what bill it is. reason: what is allowed."""

    line: int
    raw: str
    reason: str
    field: str = ""


class DeliveryRefusedError(Exception):
    """A file that is none of the forms, or too large; nothing of it was taken."""
