"""What may be done with a case in which state, and what becomes of it. Pure.

A case is moved by persons only: the system opens it and adds evidence, and nothing follows from a score alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from gridhall.kit.said import said
from gridhall.kit.subject import Refusal
from gridhall.metering.irregular.cases.model import CONFIRMS, DISMISSES, Case, Closing, Entry, Photo, State
from gridhall.metering.irregular.model import Watch

NOTE_LENGTHS: Final = range(4, 501)
MOST_PHOTOS: Final = 50

NOT_NOW: Final = Refusal("irregular.not_now")
CHANGED: Final = Refusal("irregular.changed_meanwhile")
NO_PHOTO: Final = Refusal("irregular.no_photo")
TOO_MANY_PHOTOS: Final = Refusal("irregular.too_many_photos", {"most": MOST_PHOTOS})
SAME_PERSON: Final = Refusal("irregular.same_person")
BAD_CLOSING: Final = Refusal("irregular.bad_closing")
BAD_NOTE: Final = Refusal("irregular.bad_note", {"least": NOTE_LENGTHS.start, "most": NOTE_LENGTHS.stop - 1})
BAD_DUE: Final = Refusal("irregular.bad_due")


class Action(StrEnum):
    """What a person does with a case."""

    ASSIGN = "assign"
    START = "start_inspection"
    ADD_PHOTO = "add_photo"
    CONFIRM = "confirm"
    DISMISS = "dismiss"


MOVES: Final[Mapping[tuple[State, Action], State]] = MappingProxyType(
    {
        (State.OPEN, Action.ASSIGN): State.OPEN,
        (State.OPEN, Action.START): State.INSPECTING,
        (State.OPEN, Action.DISMISS): State.DISMISSED,
        (State.INSPECTING, Action.ASSIGN): State.INSPECTING,
        (State.INSPECTING, Action.ADD_PHOTO): State.INSPECTING,
        (State.INSPECTING, Action.CONFIRM): State.CONFIRMED,
        (State.INSPECTING, Action.DISMISS): State.DISMISSED,
    }
)
"""Where each action leads; what is not here is refused. Nothing is confirmed that was not inspected."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and when."""

    name: str
    now: datetime


def assigned(case: Case, *, owner: str, due_on: date, today: date, actor: Actor) -> Case | Refusal:
    """Give a case to somebody until a day. The same again changes nothing."""
    if due_on < today:
        return BAD_DUE
    if (case.owner, case.due_on) == (owner, due_on) and case.under_way:
        return case
    return _moved(case, Action.ASSIGN, actor, note=f"{owner} {due_on}", owner=owner, due_on=due_on)


def started(case: Case, *, actor: Actor) -> Case | Refusal:
    """Somebody goes to the site; who goes is the inspector, and the owner where there was none."""
    return _moved(case, Action.START, actor, inspector=actor.name, owner=case.owner or actor.name)


def with_photo(case: Case, *, photo: Photo, actor: Actor) -> Case | Refusal:
    """Add a photo from the site. The same photo again changes nothing."""
    if any(one.id == photo.id for one in case.photos):
        return case
    if len(case.photos) >= MOST_PHOTOS:
        return TOO_MANY_PHOTOS
    return _moved(case, Action.ADD_PHOTO, actor, note=photo.note, photos=(*case.photos, photo))


def confirmed(case: Case, *, closing: Closing, note: str, actor: Actor, watch: Watch) -> Case | Refusal:
    """Say that the use is irregular, or the meter faulty: with a photo, and what was found in words.

    Where the settings ask for a second person, whoever inspected cannot also confirm.
    """
    if closing not in CONFIRMS:
        return BAD_CLOSING
    if case.state is State.INSPECTING and not case.photos:
        return NO_PHOTO
    if case.state is State.INSPECTING and watch.second_person and actor.name == case.inspector:
        return SAME_PERSON
    return _closed(case, Action.CONFIRM, closing, note, actor)


def dismissed(case: Case, *, closing: Closing, note: str, actor: Actor, watch: Watch) -> Case | Refusal:
    """Say that nothing is wrong, and why; the signals of the evidence are not believed here for a time."""
    if closing not in DISMISSES:
        return BAD_CLOSING
    found = _closed(case, Action.DISMISS, closing, note, actor)
    if isinstance(found, Refusal):
        return found
    return replace(found, quiet_until=actor.now + timedelta(days=watch.quiet_days))


def _closed(case: Case, action: Action, closing: Closing, note: str, actor: Actor) -> Case | Refusal:
    text = said(note, lengths=NOTE_LENGTHS)
    if text is None:
        return BAD_NOTE
    return _moved(case, action, actor, note=f"{closing}: {text}", closing=closing)


def _moved(case: Case, action: Action, actor: Actor, *, note: str = "", **changes: Any) -> Case | Refusal:  # noqa: ANN401 - fields of Case
    state = MOVES.get((case.state, action))
    if state is None:
        return NOT_NOW
    entry = Entry(actor.now, actor.name, action, note)
    told = {"state": state, "revision": case.revision + 1, "changed_at": actor.now, "history": (*case.history, entry)}
    return replace(case, **{**told, **changes})
