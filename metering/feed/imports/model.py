"""How far the import of a file is."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from gridhall.metering.feed.model import IntakeReport

_LOOKED_AT: Final = 2**20


@dataclass(frozen=True, slots=True)
class Progress:
    """An import that is under way, or was when it broke off.

    id: fingerprint of the file. batch: id of the delivery. format: what the file is read as.
    lines, offset: so many lines, which end at this byte of the unpacked file, are stored. report: what became of them.
    """

    id: bytes
    batch: str
    format: str
    lines: int
    offset: int
    report: IntakeReport


def fingerprint(path: Path, *, format: str) -> bytes:
    """Return what tells a file, read as a format, from every other: its size, its time, its two ends.

    A file that was changed in the middle has another time; one that was copied is imported from the start, which
    costs time and changes nothing.
    """
    about = path.stat()
    digest = sha256(f"{format}\n{about.st_size}\n{about.st_mtime_ns}\n".encode())
    with path.open("rb") as file:
        digest.update(file.read(_LOOKED_AT))
        file.seek(max(0, about.st_size - _LOOKED_AT))
        digest.update(file.read(_LOOKED_AT))
    return digest.digest()


def added(one: IntakeReport, other: IntakeReport) -> IntakeReport:
    """Return what became of both parts of a file."""
    return IntakeReport(
        accepted=one.accepted + other.accepted,
        duplicate=one.duplicate + other.duplicate,
        corrected=one.corrected + other.corrected,
        quarantined=one.quarantined + other.quarantined,
        refusals=one.refusals + other.refusals,
        format=other.format or one.format,
    )
