"""The calls to providers minute by minute, and the times in which none of them could be reached."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

ONE_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Minute:
    """What came of the calls of a minute. at: when it began. answered, failed: providers of which a call did so."""

    at: datetime
    answered: frozenset[str]
    failed: frozenset[str]


def minute_of(at: datetime) -> datetime:
    """Return the minute of an instant."""
    return at.replace(second=0, microsecond=0)


def downs(minutes: Sequence[Minute], *, providers: Collection[str], after: int) -> list[datetime]:
    """Return when times began in which customers could not pay online: minutes in a row in which nothing was answered.

    minutes: those with a failure, in order. after: in how many minutes in a row, of such a time, every one of
    `providers` has to be tried; fewer are a hiccup. Where none is offered there is none that could be down.
    """
    return [run[0].at for run in _unanswered(minutes) if providers and _tried(run, providers) >= after]


def _unanswered(minutes: Sequence[Minute]) -> Iterator[list[Minute]]:
    run: list[Minute] = []
    for minute in minutes:
        if run and (minute.answered or minute.at - run[-1].at > ONE_MINUTE):
            yield run
            run = []
        if not minute.answered:
            run.append(minute)
    if run:
        yield run


def _tried(run: Sequence[Minute], providers: Collection[str]) -> int:
    """Return in how many minutes of a run, at the most in a row, every provider was tried."""
    of_all = groupby(run, key=lambda minute: minute.failed.issuperset(providers))
    return max((len(list(minutes)) for were_all, minutes in of_all if were_all), default=0)
