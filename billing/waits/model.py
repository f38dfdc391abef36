"""What a period that cannot be billed yet waits for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Waiting:
    """Why a period cannot be billed yet. Nothing is invented in the place of what is missing."""

    code: str
    params: tuple[tuple[str, str], ...] = ()
