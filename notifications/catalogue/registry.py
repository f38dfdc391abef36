"""The registry of what can be said: frozen data under a key, with an example."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Protocol, TypeVar

from pydantic import TypeAdapter


class Way(StrEnum):
    """A way to a customer."""

    INBOX = "inbox"
    MAIL = "mail"
    SMS = "sms"
    WECHAT = "wechat"


class Category(StrEnum):
    """What a message is about, for preferences."""

    BILLING = "billing"
    SECURITY = "security"
    TIPS = "tips"


class Urgency(StrEnum):
    """How a message is treated: what is urgent heeds neither quiet hours nor preferences."""

    ROUTINE = "routine"
    URGENT = "urgent"


class Notification(Protocol):
    """One message as data. Its words are in the catalogue under `message.<key>.<part>`.

    One that has several wordings names its `variant`, and its words are under `message.<key>.<variant>.<part>`.
    """

    def params(self, language: str) -> Mapping[str, str]:
        """Return what fills the placeholders of the words, as a reader of `language` writes it."""

    @classmethod
    def example(cls) -> "Notification":
        """Return an example, for the test of the words and for designers."""


def words_key(notification: Notification) -> str:
    """Return under which key the words of a notification stand."""
    key = f"message.{Registry.of(notification).key}"
    variant = getattr(notification, "variant", None)
    return f"{key}.{variant}" if variant else key


N = TypeVar("N", bound=Notification)


@dataclass(frozen=True, slots=True)
class Kind:
    """What is known of a kind of notification.

    ways: those that all get it. chain: those of which one gets it, the first that takes it.
    facts: names of the params that a mail and the inbox list beneath the text, in order.
    """

    key: str
    category: Category
    urgency: Urgency
    ways: tuple[Way, ...]
    chain: tuple[Way, ...]
    facts: tuple[str, ...]
    adapter: TypeAdapter[Any]

    def after(self, way: Way) -> Way | None:
        """Return the way to try when a way of the chain did not take it; None at its end."""
        following = self.chain[self.chain.index(way) + 1 :] if way in self.chain else ()
        return following[0] if following else None

    def pack(self, notification: Notification) -> dict[str, object]:
        """Return a notification as plain data."""
        packed: dict[str, object] = self.adapter.dump_python(notification, mode="json")
        return packed

    def unpack(self, data: Mapping[str, object]) -> Notification:
        """Return the notification of plain data."""
        unpacked: Notification = self.adapter.validate_python(dict(data))
        return unpacked


class Registry:
    """Every kind of notification by its key and by its class."""

    _by_key: ClassVar[dict[str, Kind]] = {}
    _by_class: ClassVar[dict[type, Kind]] = {}

    @classmethod
    def add(cls, klass: type, kind: Kind) -> None:
        """Register a class. Raises ValueError where its key is taken."""
        if kind.key in cls._by_key:
            raise ValueError(f"the notification {kind.key} is registered twice")
        cls._by_key[kind.key] = kind
        cls._by_class[klass] = kind

    @classmethod
    def of(cls, notification: Notification) -> Kind:
        """Return the kind of a notification."""
        return cls._by_class[type(notification)]

    @classmethod
    def keyed(cls, key: str) -> Kind:
        """Return a kind by its key."""
        return cls._by_key[key]

    @classmethod
    def examples(cls) -> list[tuple[Kind, Notification]]:
        """Return every kind with its example."""
        return [(kind, klass.example()) for klass, kind in cls._by_class.items()]  # type: ignore[attr-defined]


def notification(
    key: str,
    *,
    category: Category,
    urgency: Urgency,
    ways: tuple[Way, ...],
    chain: tuple[Way, ...] = (),
    facts: tuple[str, ...] = (),
) -> Callable[[type[N]], type[N]]:
    """Register a frozen dataclass as a notification."""

    def register(klass: type[N]) -> type[N]:
        Registry.add(klass, Kind(key, category, urgency, ways, chain, facts, TypeAdapter(klass)))
        return klass

    return register
