"""Every signal, in the order in which a person is told of them. A further one is a file and a line here."""

from typing import Final

from gridhall.metering.irregular.signals import (
    cap,
    district_loss,
    flat,
    neighbours,
    night,
    register_gap,
    scaling,
    step,
    swings,
    turned,
    zero_days,
    zero_hours,
)
from gridhall.metering.irregular.signals.model import Signal

SIGNALS: Final = (
    Signal("step", step.measure),
    Signal("zero_days", zero_days.measure),
    Signal("zero_hours", zero_hours.measure),
    Signal("district_loss", district_loss.measure),
    Signal("register_gap", register_gap.measure),
    Signal("flat", flat.measure),
    Signal("cap", cap.measure),
    Signal("scaling", scaling.measure),
    Signal("turned", turned.measure),
    Signal("swings", swings.measure),
    Signal("night", night.measure),
    Signal("neighbours", neighbours.measure),
)

CODES: Final = tuple(one.code for one in SIGNALS)
