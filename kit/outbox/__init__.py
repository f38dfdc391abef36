"""The outbox: events are written in the transaction of the change they tell of, and published afterwards."""

from gridhall.kit.outbox.model import Event
from gridhall.kit.outbox.relay import Routes, relay, sweep
from gridhall.kit.outbox.repository import Outbox

__all__ = ["Event", "Outbox", "Routes", "relay", "sweep"]
