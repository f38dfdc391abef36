"""The port to whoever takes a customer's money online."""

from dataclasses import dataclass
from typing import Protocol

from gridhall.kit.money import Fen


@dataclass(frozen=True, slots=True)
class Order:
    """What a provider is asked to collect."""

    number: str
    total: Fen
    description: str


class OnlineProvider(Protocol):
    """An online payment provider."""

    name: str

    async def place(self, order: Order) -> str:
        """Place an order and return where the customer confirms it; the same order again gives the same.

        Raises ProviderUnavailableError where the provider cannot be reached or answers no.
        """


class ProviderUnavailableError(Exception):
    """The provider did not take the order; nothing was charged."""
