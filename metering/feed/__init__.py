"""The meter feed: formats, the door with its checks, the intake, quarantine, and the clients that may feed."""

from gridhall.metering.feed.clients import (
    BadClientError,
    FeedClient,
    add_client,
    revoke_client,
    rotate_token,
    verify_client,
)
from gridhall.metering.feed.formats.registry import AUTO, FORMATS, UnknownFormatError
from gridhall.metering.feed.formats.rows import DeliveryRefusedError
from gridhall.metering.feed.intake import IntakeStores, take
from gridhall.metering.feed.lines import FeedTooLargeError
from gridhall.metering.feed.model import FeedSource, IntakeReport, Limits, ShownRefusal
from gridhall.metering.feed.repository import FeedClientRepository, QuarantineRepository

__all__ = [
    "AUTO",
    "FORMATS",
    "BadClientError",
    "DeliveryRefusedError",
    "FeedClient",
    "FeedClientRepository",
    "FeedSource",
    "FeedTooLargeError",
    "IntakeReport",
    "IntakeStores",
    "Limits",
    "QuarantineRepository",
    "ShownRefusal",
    "UnknownFormatError",
    "add_client",
    "revoke_client",
    "rotate_token",
    "take",
    "verify_client",
]
