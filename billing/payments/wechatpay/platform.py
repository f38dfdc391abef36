"""The keys of WeChat Pay, by their serial: a public key handed in, certificates downloaded, or both during a switch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import load_pem_x509_certificate

from gridhall.billing.payments.wechatpay.sealed import SealedWronglyError, opened

_ASKED_AGAIN: Final = timedelta(minutes=1)
"""No sooner are certificates fetched once more: anybody may send us a serial that nobody knows."""

_FRESH: Final = timedelta(hours=12)
"""How often certificates are to be fetched, as WeChat Pay advises: a new one is shown a day before it is used."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate of the platform."""

    serial: str
    key: RSAPublicKey
    begins_at: datetime
    ends_at: datetime


class PlatformKeys:
    """What WeChat Pay's signatures are proved with.

    given: public keys by their id (`PUB_KEY_ID_...`), which have no end. downloads: whether there are certificates as
    well.
    """

    def __init__(self, *, given: Mapping[str, RSAPublicKey], downloads: bool) -> None:
        self._given = dict(given)
        self._downloads = downloads
        self._certificates: dict[str, Certificate] = {}
        self._fetched_at: datetime | None = None

    @property
    def wanted(self) -> str | None:
        """The id of the public key that answers are to be signed with; None for certificates."""
        return next(iter(self._given), None)

    def find(self, serial: str, *, now: datetime) -> RSAPublicKey | None:
        """Return the key of a serial, if it is known and good now."""
        if serial in self._given:
            return self._given[serial]
        found = self._certificates.get(_plain(serial))
        return found.key if found and found.begins_at <= now < found.ends_at else None

    def should_fetch(self, serial: str, *, now: datetime) -> bool:
        """Say whether certificates are to be fetched before this serial is judged."""
        if not self._downloads or serial in self._given:
            return False
        if self._fetched_at is None:
            return True
        age = now - self._fetched_at
        return age >= _FRESH or (age >= _ASKED_AGAIN and self.find(serial, now=now) is None)

    def asked(self, *, now: datetime) -> None:
        """Note that certificates are being fetched, however that ends."""
        self._fetched_at = now

    def keep(self, certificates: Sequence[Certificate]) -> None:
        """Keep fetched certificates; those of before stay until they end."""
        self._certificates.update({one.serial: one for one in certificates})


def read_certificates(answer: Mapping[str, Any], *, v3_key: bytes) -> list[Certificate]:
    """Read the answer of `/v3/certificates`; each is sealed with our v3 key. Raises SealedWronglyError."""
    try:
        return [_certificate(opened(one["encrypt_certificate"], v3_key=v3_key)) for one in answer["data"]]
    except (KeyError, TypeError, ValueError):
        raise SealedWronglyError from None


def _certificate(pem: bytes) -> Certificate:
    read = load_pem_x509_certificate(pem)
    key = read.public_key()
    if not isinstance(key, RSAPublicKey):
        raise SealedWronglyError
    return Certificate(_plain(f"{read.serial_number:X}"), key, read.not_valid_before_utc, read.not_valid_after_utc)


def _plain(serial: str) -> str:
    """Return a hexadecimal number in the one way in which it is compared."""
    return serial.upper().lstrip("0")
