"""Whose phone it is: a person has a phone number and a mail address; an address nobody registered stands alone."""

from collections.abc import Iterable
from dataclasses import dataclass

from gridhall.simulators.mailbox import Kind, Received


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who owns a phone."""

    name: str
    phone: str | None = None
    mail: str | None = None

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where messages reach this person."""
        return tuple(address for address in (self.phone, self.mail) if address)

    @property
    def key(self) -> str:
        """Any address of a person finds the person; this one is shown in links."""
        return self.addresses[0]


class People:
    """The register of people, by each of their addresses."""

    def __init__(self) -> None:
        self._by_address: dict[str, Person] = {}

    def add(self, person: Person) -> None:
        """Register a person; a later entry with the same phone number or mail address replaces the earlier."""
        for address in person.addresses:
            earlier = self._by_address.get(address)
            for old in earlier.addresses if earlier else ():
                self._by_address.pop(old, None)
        for address in person.addresses:
            self._by_address[address] = person

    def who(self, address: str, *, kind: Kind | None = None) -> Person:
        """Return who owns an address; a person of that address alone where nobody registered it."""
        known = self._by_address.get(address)
        if known is not None:
            return known
        is_mail = kind is Kind.MAIL or "@" in address
        return Person(name="", mail=address) if is_mail else Person(name="", phone=address)

    def with_messages(self, messages: Iterable[Received]) -> dict[Person, list[Received]]:
        """Group messages, the newest first, by person: who received something last comes first, then the others."""
        grouped: dict[Person, list[Received]] = {}
        for message in messages:
            grouped.setdefault(self.who(message.recipient, kind=message.kind), []).append(message)
        for person in self._by_address.values():
            grouped.setdefault(person, [])
        return grouped
