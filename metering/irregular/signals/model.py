"""What a signal is: one way in which a curve can be unlike itself or unlike its neighbours."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gridhall.metering.irregular.curves import Curves, Floats, Ints


@dataclass(frozen=True, slots=True)
class Measured:
    """What a signal found at every home.

    strength: the larger, the less usual; comparable between homes, not between signals; NaN where nothing can be said.
    numbers: the evidence by name, a value a home, in the units that the sentence of the signal says.
    since: index of the day since which it is so, -1 where it is about the whole window.
    """

    strength: Floats
    numbers: Mapping[str, Floats]
    since: Ints


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal. code: its key in the catalogue of words, in settings and in cases; never given a second meaning."""

    code: str
    measure: Callable[[Curves], Measured]
