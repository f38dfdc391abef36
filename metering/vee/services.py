"""Validation opened on a database."""

from gridhall.kit.mongo import Mongo
from gridhall.kit.settings import Settings
from gridhall.metering.histories.repository import HistoryRepository
from gridhall.metering.points.repository import MeterRepository, PointRepository
from gridhall.metering.registers.repository import RegisterRepository
from gridhall.metering.vee.exceptions.repository import ExceptionRepository
from gridhall.metering.vee.judging import Bench
from gridhall.metering.vee.repository import CheckRepository
from gridhall.metering.vee.running import Vee
from gridhall.metering.vee.thresholds import thresholds

REPOSITORIES = (CheckRepository, ExceptionRepository)
"""For creating indexes."""


def open_vee(*, mongo: Mongo, settings: Settings) -> Vee:
    """Open validation. Raises RuleFileError where the file of thresholds cannot be used."""
    return Vee(
        points=PointRepository(mongo),
        bench=Bench(
            meters=MeterRepository(mongo),
            histories=HistoryRepository(mongo),
            registers=RegisterRepository(mongo),
            checks=CheckRepository(mongo),
            thresholds=thresholds(settings.vee_thresholds),
        ),
        exceptions=ExceptionRepository(mongo),
        grace_days=settings.vee_grace_days,
    )
