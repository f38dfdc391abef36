"""Real households, a tenth of them falsified, behind made-up transformers with sum meters."""

import gzip
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from uuid import UUID

import numpy as np

from bench.irregular.attacks import ATTACKS
from gridhall.metering.irregular.curves import SLOTS, Bools, Curves, District, Floats

SHARE: Final = 0.1
FIRST_DAY, LAST_DAY = 28, 64
"""An attack begins on one of these days: four weeks of history before it, four weeks and more of it."""

DISTRICT_HOMES: Final = 30
TECHNICAL: Final = (0.02, 0.04)
"""Loss of lines and transformer as a share of what flows, drawn a district."""

DAY_NOISE, SLOT_NOISE = 0.003, 0.01
"""How far that share swings by day, and what the meters' clocks and classes of accuracy add a slot."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One drawing. kinds: by home, the attack, empty where there is none. curves: with the sum meters."""

    curves: Curves
    kinds: tuple[str, ...]

    @property
    def falsified(self) -> Bools:
        """Which homes are falsified."""
        return np.array([bool(kind) for kind in self.kinds])

    def without_districts(self) -> Curves:
        """The same homes where nobody knows the transformer of any."""
        curves = self.curves
        return replace(curves, district=np.full(curves.homes, -1), districts=())


def households(file: Path) -> Floats:
    """Read the households, kWh by home, day and half hour."""
    with gzip.open(file, "rt") as lines:
        next(lines)
        slots = np.array([[float(value) for value in line.split(",")[2:]] for line in lines])
    return slots.T.reshape(slots.shape[1], -1, SLOTS)


def halves(homes: Floats) -> tuple[Floats, Floats]:
    """Cut the households in two by lot: weights and forest are fitted on the first, all are measured on the second."""
    order = np.random.default_rng(20261122).permutation(len(homes))
    return homes[order[: len(homes) // 2]], homes[order[len(homes) // 2 :]]


def scene(homes: Floats, *, seed: int) -> Scene:
    """Falsify SHARE of the homes, the kinds in turn, and sum the true energy up at the transformers."""
    chance = np.random.default_rng(seed)
    sent, kinds = homes.copy(), [""] * len(homes)
    names = list(ATTACKS)
    for index, home in enumerate(chance.permutation(len(homes))[: round(SHARE * len(homes))]):
        kinds[home] = names[(index + seed) % len(names)]
        first = int(chance.integers(FIRST_DAY, LAST_DAY + 1))
        sent[home, first:] = ATTACKS[kinds[home]](homes[home, first:], homes[home], chance)
    count = max(1, len(homes) // DISTRICT_HOMES)
    district = np.empty(len(homes), np.int64)
    district[chance.permutation(len(homes))] = np.arange(len(homes)) * count // len(homes)
    return Scene(
        curves=Curves(
            points=tuple(UUID(int=index + 1) for index in range(len(homes))),
            energy=np.round(sent, 3),
            usable=np.ones(sent.shape[:2], np.bool_),
            shaped=np.ones(sent.shape[:2], np.bool_),
            district=district,
            districts=tuple(
                District(f"T{one:03d}", _sum_meter(homes[district == one], chance)) for one in range(count)
            ),
        ),
        kinds=tuple(kinds),
    )


def _sum_meter(homes: Floats, chance: np.random.Generator) -> Floats:
    flowed = homes.sum(axis=0)
    loss = chance.uniform(*TECHNICAL) + chance.normal(0, DAY_NOISE, (len(flowed), 1))
    return np.asarray(flowed * (1 + loss + chance.normal(0, SLOT_NOISE, flowed.shape)))
