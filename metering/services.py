"""The metering room opened on a database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from gridhall.kit.blobs import BlobRepository
from gridhall.kit.mongo import Mongo
from gridhall.kit.outbox import Outbox
from gridhall.kit.runtime import open_mongo
from gridhall.kit.settings import Settings, settings
from gridhall.metering.closings.repository import ClosingRepository
from gridhall.metering.exchanges.operations import Exchanges
from gridhall.metering.exchanges.replaying import Replaying
from gridhall.metering.exchanges.repository import ExchangeRepository
from gridhall.metering.feed.batches.repository import BatchRepository
from gridhall.metering.feed.imports.repository import ImportRepository
from gridhall.metering.feed.intake import IntakeStores
from gridhall.metering.feed.model import Limits
from gridhall.metering.feed.repository import FeedClientRepository, QuarantineRepository
from gridhall.metering.histories.repository import HistoryRepository
from gridhall.metering.irregular.cases.operations import Cases
from gridhall.metering.irregular.cases.repository import CaseRepository
from gridhall.metering.irregular.model import Watch
from gridhall.metering.irregular.operations import Scanning
from gridhall.metering.irregular.reading import Sources
from gridhall.metering.irregular.repository import NormRepository
from gridhall.metering.load.similar.repository import SimilarRepository
from gridhall.metering.points.repository import MeterRepository, PointRepository
from gridhall.metering.registers.repository import RegisterRepository
from gridhall.metering.retention.operations import Retention
from gridhall.metering.retention.repository import RetentionRepository
from gridhall.metering.retention.services import open_retention
from gridhall.metering.rounds import stores as rounds_stores
from gridhall.metering.rounds.own.repository import OwnReadRepository
from gridhall.metering.rounds.stores import Rounds
from gridhall.metering.vee import services as vee_services
from gridhall.metering.vee.running import Vee
from gridhall.metering.vee.services import open_vee

REPOSITORIES = (
    PointRepository,
    MeterRepository,
    HistoryRepository,
    RegisterRepository,
    SimilarRepository,
    QuarantineRepository,
    FeedClientRepository,
    *rounds_stores.REPOSITORIES,
    OwnReadRepository,
    ExchangeRepository,
    BatchRepository,
    ImportRepository,
    NormRepository,
    CaseRepository,
    ClosingRepository,
    RetentionRepository,
    *vee_services.REPOSITORIES,
)
"""For creating indexes."""


@dataclass(frozen=True, slots=True)
class Metering:
    """The metering room's services."""

    points: PointRepository
    clients: FeedClientRepository
    batches: BatchRepository
    imports: ImportRepository
    stores: IntakeStores
    limits: Limits
    irregular: Cases
    scanning: Scanning
    rounds: Rounds
    own_reads: OwnReadRepository
    exchanges: Exchanges
    replaying: Replaying
    vee: Vee
    retention: Retention

    @classmethod
    def open(cls, *, mongo: Mongo, settings: Settings) -> "Metering":
        """Open the room on a database."""
        clients, stores, limits = FeedClientRepository(mongo), IntakeStores.of(mongo), Limits.of(settings)
        points, cases, watch = PointRepository(mongo), CaseRepository(mongo), Watch.of(settings)
        exchanges = Exchanges.open(mongo=mongo, skew=timedelta(minutes=settings.feed_clock_skew_minutes))
        return cls(
            rounds=Rounds.open(mongo=mongo, settings=settings),
            own_reads=OwnReadRepository(mongo),
            exchanges=exchanges,
            replaying=Replaying(exchanges.exchanges, stores, clients, limits),
            points=points,
            clients=clients,
            batches=BatchRepository(mongo),
            imports=ImportRepository(mongo),
            stores=stores,
            limits=limits,
            irregular=Cases(
                mongo=mongo,
                cases=cases,
                blobs=BlobRepository(mongo),
                outbox=Outbox(mongo),
                watch=watch,
            ),
            scanning=Scanning(
                sources=Sources(points, stores.histories, stores.registers),
                norms=NormRepository(mongo),
                cases=cases,
                watch=watch,
            ),
            vee=open_vee(mongo=mongo, settings=settings),
            retention=open_retention(mongo=mongo, settings=settings),
        )


@asynccontextmanager
async def open_metering() -> AsyncIterator[Metering]:
    """Open the room for a command, on the database that the settings name, with its indexes."""
    chosen = settings()
    async with open_mongo(chosen) as mongo:
        await mongo.prepare(REPOSITORIES)
        yield Metering.open(mongo=mongo, settings=chosen)
