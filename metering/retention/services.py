"""Retention opened on a database."""

from gridhall.kit.mongo import Mongo
from gridhall.kit.settings import Settings
from gridhall.metering.closings.repository import ClosingRepository
from gridhall.metering.irregular.cases.repository import CaseRepository
from gridhall.metering.points.repository import PointRepository
from gridhall.metering.retention.archive import FileArchive
from gridhall.metering.retention.holds import Holds
from gridhall.metering.retention.operations import Retention
from gridhall.metering.retention.policy import RetentionPolicy
from gridhall.metering.retention.repository import RetentionRepository


def open_retention(*, mongo: Mongo, settings: Settings) -> Retention:
    """Open retention as the settings have it."""
    return Retention(
        policy=RetentionPolicy.of(settings),
        points=PointRepository(mongo),
        detail=RetentionRepository(mongo),
        archive=FileArchive(settings.archive_dir),
        holds=Holds(
            closings=ClosingRepository(mongo),
            watchers=[CaseRepository(mongo).under_way],  # the curve is evidence
            needs_closing=settings.retention_needs_closing,
        ),
    )
