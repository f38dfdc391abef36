"""What follows for an entry from everything that was brought back for it. Pure, and the same in any order.

The rule of conflicts, where two people read a point or one reads it twice: the read that answers the later re-read
stands, among those the one of the person whom the list was given to, among those the one taken later, and at last the
one of the greater id. All others are kept beside it; `why_beside` says why each does not stand.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from gridhall.metering.registers.standing import by_time_and_person
from gridhall.metering.rounds.model import Entry, State
from gridhall.metering.rounds.reads import JudgedRead, Verdict


class Beside(StrEnum):
    """Why a read does not stand."""

    IMPOSSIBLE = "impossible"
    NOT_CONFIRMED = "not_confirmed"
    READ_AGAIN = "read_again"
    """A re-read that was asked for later stands."""
    OTHER_PERSON = "other_person"
    """The one of the person whom the list was given to stands."""
    EARLIER = "earlier"
    """One that was taken later stands."""
    SAME_TIME = "same_time"
    """One of the same instant stands, chosen by its id."""


def asked_by(entry: Entry, taken_at: datetime) -> int:
    """Return how often the entry had been asked to be read again when somebody read it."""
    return sum(ask.at <= taken_at for ask in entry.asks)


def standing_read(reads: Iterable[JudgedRead]) -> JudgedRead | None:
    """Return the read that stands among those of one entry."""
    accepted = [one for one in reads if one.verdict is Verdict.ACCEPTED]
    return max(accepted, key=lambda one: by_time_and_person(one.origin), default=None)


def why_beside(read: JudgedRead, *, stands: JudgedRead) -> Beside | None:
    """Return why a read does not stand beside the one that does; None for that one itself."""
    if read.read.id == stands.read.id:
        return None
    if read.verdict is Verdict.REFUSED:
        return Beside.IMPOSSIBLE
    if read.verdict is Verdict.WARNED:
        return Beside.NOT_CONFIRMED
    ours, theirs = by_time_and_person(read.origin), by_time_and_person(stands.origin)
    reasons = (Beside.READ_AGAIN, Beside.OTHER_PERSON, Beside.EARLIER, Beside.SAME_TIME)
    return next(reason for reason, mine, other in zip(reasons, ours, theirs, strict=True) if mine != other)


def settled(kept: Entry, entry: Entry, reads: Sequence[JudgedRead]) -> Entry:
    """Return the entry as it is once all of `reads` were brought; `kept` itself where nothing of it changes.

    entry: `kept` with what was asked or marked besides.
    """
    stands = standing_read(reads)
    changed = replace(
        entry,
        state=_state(entry, reads, stands),
        stands=stands.read.id if stands else None,
        first_right=stands is not None and _is_first_right(entry, reads, stands),
        person=stands.read.by if stands else entry.reader,
        had_impossible=any(one.verdict is Verdict.REFUSED for one in reads),
    )
    return kept if changed == kept else replace(changed, revision=kept.revision + 1)


def _state(entry: Entry, reads: Sequence[JudgedRead], stands: JudgedRead | None) -> State:
    if stands and stands.asked >= len(entry.asks):
        return State.DONE if entry.closed else State.READ
    if entry.spoke_again:
        return State.DONE
    last_asked = entry.asks[-1].at if entry.asks else None
    if any(last_asked is None or mark.at >= last_asked for mark in entry.marks):
        return State.NO_ACCESS
    if entry.closed:
        return State.NO_ESTIMATE
    refused = any(one.verdict is Verdict.REFUSED for one in reads)
    return State.REREAD if entry.asks or refused else State.OPEN


def _is_first_right(entry: Entry, reads: Sequence[JudgedRead], stands: JudgedRead) -> bool:
    """Say whether the meter was read once and right: nothing else was read there that says otherwise, none asked."""
    agree = all(one.verdict is Verdict.ACCEPTED and one.counts == stands.counts for one in reads)
    return agree and not entry.asks and not stands.findings
