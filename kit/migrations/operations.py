"""Running a step: range after range of `_id`, each written under the condition that nobody else has written."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Final

from gridhall.kit.clock import Clock
from gridhall.kit.migrations.model import Besides, Left, SchemaStep
from gridhall.kit.migrations.repository import OldDocuments, ProgressRepository
from gridhall.kit.mongo import Document, Mongo

RANGE: Final = 500
"""Documents of a collection that are looked at, and held in memory, at a time."""

_TRIES: Final = 5
"""How often a range is read again because somebody wrote what had been read of it."""


@dataclass(frozen=True, slots=True)
class Range:
    """What was done in one range: how many documents were changed, and which could not be."""

    looked_up_to: Any
    changed: int
    left: tuple[Left, ...] = field(default=())


async def run(*, mongo: Mongo, step: SchemaStep, clock: Clock, pause: float, size: int = RANGE) -> AsyncIterator[Range]:
    """Take a step for all documents of its collection, and yield after each range.

    pause: seconds between two ranges. A run that was killed is gone on with where it stood; one that came to the end
    is begun anew, and finds what was written since in the old schema. Any number of runs may be under way.
    """
    progress, documents = ProgressRepository(mongo), OldDocuments(mongo, step)
    await progress.start_over(step)
    place = (await progress.load(step)).place
    while (last := await documents.border(after=place, size=size)) is not None:
        done = await _range(documents, step, after=place, last=last)
        await progress.came_to(step, last, changed=done.changed, now=clock.now())
        yield done
        place = last
        await asyncio.sleep(pause)
    await progress.finish(step, now=clock.now())


async def _range(documents: OldDocuments, step: SchemaStep, *, after: Any, last: Any) -> Range:  # noqa: ANN401 - any `_id`
    changed, broken = 0, dict[Any, Left]()
    for _ in range(_TRIES):
        old = [one for one in await documents.between(after=after, last=last) if one["_id"] not in broken]
        if not old:
            return Range(last, changed, tuple(broken.values()))
        found = await documents.beside(old)
        plain: list[tuple[Document, Document]] = []
        for document in old:
            besides = _besides(step, document, found)
            try:
                new = step.changed(document, besides)
                added = step.adds(new, besides)
            except Exception as error:  # noqa: BLE001 - one document that no code of ours wrote does not end a run
                broken[document["_id"]] = Left(document["_id"], f"{type(error).__name__}: {error}")
                continue
            if added:
                changed += await documents.write_with(document, new, added)
            else:
                plain.append((document, new))
        changed += await documents.write(plain)
    busy = [one["_id"] for one in await documents.between(after=after, last=last) if one["_id"] not in broken]
    left = [Left(key, "its unique key is taken, or it changes all the time") for key in busy]
    return Range(last, changed, (*broken.values(), *left))


def _besides(step: SchemaStep, document: Document, found: dict[str, dict[Any, Document]]) -> Besides:
    return {name: found[name].get(document.get(field)) for name, field in step.beside.items()}
