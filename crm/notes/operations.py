"""Writing a note."""

from dataclasses import dataclass
from datetime import datetime

from gridhall.crm.agents.model import Agent
from gridhall.crm.customers.model import CustomerId
from gridhall.crm.notes.model import TEXT_LENGTHS, Note
from gridhall.crm.notes.repository import NoteRepository
from gridhall.kit.ids import new_id
from gridhall.kit.said import said
from gridhall.kit.subject import Refusal

BAD_TEXT = Refusal("desk.bad_text", {"most": TEXT_LENGTHS.stop - 1})


@dataclass(frozen=True, slots=True)
class KeyReused:
    """The idempotency key wrote another note on this customer before."""


async def add_note(
    *, notes: NoteRepository, agent: Agent, customer_id: CustomerId, text: str, key: str, now: datetime
) -> Note | KeyReused | Refusal:
    """Write a note on a customer. Idempotent by the agent's `key`: the same again is the same note."""
    told = said(text, lengths=TEXT_LENGTHS)
    if told is None:
        return BAD_TEXT
    asked = Note(new_id(), customer_id, agent.id, agent.name, told, now, f"{agent.id}:{key}")
    written = await notes.add(asked)
    return written if written.text == told else KeyReused()
