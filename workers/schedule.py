"""What beat starts, and how often. Every entry expires before the next, so that none piles up."""

from gridhall.workers import names

BEAT = {
    "relay": {"task": names.RELAY, "schedule": 1.0, "options": {"expires": 5}},
    "sweep-outbox": {"task": names.SWEEP_OUTBOX, "schedule": 30.0, "options": {"expires": 30}},
    "sweep-deliveries": {"task": names.SWEEP_DELIVERIES, "schedule": 15.0, "options": {"expires": 15}},
}
