"""What the rounds need at hand."""

from dataclasses import dataclass

from gridhall.kit.blobs import BlobRepository
from gridhall.kit.mongo import Mongo
from gridhall.kit.settings import Settings
from gridhall.metering.points.repository import MeterRepository, PointRepository
from gridhall.metering.registers.repository import RegisterRepository
from gridhall.metering.rounds.limits import ReadingLimits
from gridhall.metering.rounds.repository import (
    EntryRepository,
    HandReadRepository,
    RouteRepository,
    WorklistRepository,
)

REPOSITORIES = (RouteRepository, WorklistRepository, EntryRepository, HandReadRepository)
"""For creating indexes."""


@dataclass(frozen=True, slots=True)
class Rounds:
    """Where routes, lists and reads are kept, and what people tune.

    silent_days: without a register read, after which somebody goes. usual_day: reading day of points on no route.
    close_days: after which a list is closed. zone: in which lists are made.
    """

    routes: RouteRepository
    lists: WorklistRepository
    entries: EntryRepository
    reads: HandReadRepository
    points: PointRepository
    meters: MeterRepository
    registers: RegisterRepository
    blobs: BlobRepository
    limits: ReadingLimits
    silent_days: int
    usual_day: int
    close_days: int
    zone: str

    @classmethod
    def open(cls, *, mongo: Mongo, settings: Settings) -> "Rounds":
        """Open the rounds on a database."""
        return cls(
            routes=RouteRepository(mongo),
            lists=WorklistRepository(mongo),
            entries=EntryRepository(mongo),
            reads=HandReadRepository(mongo),
            points=PointRepository(mongo),
            meters=MeterRepository(mongo),
            registers=RegisterRepository(mongo),
            blobs=BlobRepository(mongo),
            limits=ReadingLimits.of(settings),
            silent_days=settings.reading_silent_days,
            usual_day=settings.reading_usual_day,
            close_days=settings.reading_close_days,
            zone=settings.time_zone,
        )
