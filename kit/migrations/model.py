"""What makes documents of one schema those of the next, while the service runs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gridhall.kit.mongo import Document, Repository

Besides = Mapping[str, Document | None]
"""The documents beside one, by the name of their collection; None where there is none."""


class Added(NamedTuple):
    """A document that a step writes into another collection, unless one with its `_id` is there."""

    collection: str
    document: Document


def _adds_nothing(_document: Document, _besides: Besides) -> Sequence[Added]:
    return ()


@dataclass(frozen=True, slots=True)
class SchemaStep:
    """Makes documents of schema `of` in a collection those of the next schema.

    change: returns the new document of an old one, which it leaves as it is; `schema` is set for it. beside: other
    collections it looks into, each with the field that names the `_id` there. adds: what it writes elsewhere with the
    new document, in one transaction. Both are pure: a step may be taken any number of times.
    """

    collection: str
    of: int
    change: Callable[[Document, Besides], Document]
    beside: Mapping[str, str] = field(default_factory=dict)
    adds: Callable[[Document, Besides], Sequence[Added]] = _adds_nothing

    @property
    def name(self) -> str:
        """What it is called in reports, and the key of its progress."""
        return f"{self.collection}:{self.of}"

    def changed(self, document: Document, besides: Besides) -> Document:
        """Return the document of the next schema."""
        return {**self.change(document, besides), "schema": self.of + 1}


@dataclass(frozen=True, slots=True)
class Left:
    """A document that a run could not change, and why."""

    id: Any
    why: str


def steps_of(repositories: Sequence[type[Repository]]) -> tuple[SchemaStep, ...]:
    """Return the steps that repositories declare as `migrations`, the earlier schema of a collection first."""
    found: list[SchemaStep] = [step for one in repositories for step in getattr(one, "migrations", ())]
    return tuple(sorted(found, key=lambda step: (step.collection, step.of)))


def renamed(document: Mapping[str, Any], names: Mapping[str, str]) -> Document:
    """Return a document whose fields are called by their new names; others keep theirs, and all their order."""
    return {names.get(name, name): value for name, value in document.items()}
