"""Register reads: the money truth beside the interval curve."""

from gridhall.metering.registers.model import RegisterRead
from gridhall.metering.registers.operations import record_reads
from gridhall.metering.registers.origin import How, Origin, Position
from gridhall.metering.registers.queries import all_reads_at, reads_at
from gridhall.metering.registers.repository import RegisterRepository

__all__ = [
    "How",
    "Origin",
    "Position",
    "RegisterRead",
    "RegisterRepository",
    "all_reads_at",
    "reads_at",
    "record_reads",
]
