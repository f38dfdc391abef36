"""The protocol of a bank's files. One file an adapter; `registry.py` knows them."""

from collections.abc import AsyncIterable, AsyncIterator
from typing import Protocol

from gridhall.billing.bank.model import CollectionFile, CollectionRow, ResultRow, TransferRow


class BankFormat(Protocol):
    """How one kind of bank writes and reads. Reading checks the control totals and names the row that is wrong."""

    @property
    def name(self) -> str:
        """How it is chosen."""

    def write_collection(self, file: CollectionFile, rows: AsyncIterable[CollectionRow]) -> AsyncIterator[bytes]:
        """Yield the bytes of a collection file as its rows come, with its count and total."""

    def read_results(self, raw: bytes) -> list[ResultRow]:
        """Read the bank's answer to a collection file. Raises BadBankFileError."""

    def read_transfers(self, raw: bytes) -> list[TransferRow]:
        """Read a statement: money that came in, other lines left out. Raises BadBankFileError."""


class BadBankFileError(ValueError):
    """A file that does not keep the format; nothing of it was taken. The message names the row and what is allowed."""
