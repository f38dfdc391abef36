"""Service points, meters and which meter hung where on which days."""

from gridhall.metering.points.directory import Directory
from gridhall.metering.points.model import KnownMeter, Meter, MeterLink, ServicePoint
from gridhall.metering.points.operations import OverlappingLinksError, TwoZonesError, register_points
from gridhall.metering.points.repository import MeterRepository, PointRepository

__all__ = [
    "Directory",
    "KnownMeter",
    "Meter",
    "MeterLink",
    "MeterRepository",
    "OverlappingLinksError",
    "PointRepository",
    "ServicePoint",
    "TwoZonesError",
    "register_points",
]
