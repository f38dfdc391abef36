"""What the stand-ins of both providers share."""

from dataclasses import dataclass

from gridhall.kit.clock import Clock
from gridhall.simulators.paying.deliveries import Deliveries
from gridhall.simulators.paying.orders_to_fail import PayOrders
from gridhall.simulators.paying.till import Till
from gridhall.simulators.trouble import Trouble


@dataclass(frozen=True, slots=True)
class AtHand:
    """The orders, what is to go wrong, the callbacks under way, and the clock."""

    till: Till
    trouble: Trouble[PayOrders]
    deliveries: Deliveries
    clock: Clock
