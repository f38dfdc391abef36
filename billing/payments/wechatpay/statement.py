"""WeChat Pay's daily statement (交易账单): lines of fields that begin with a backtick, amounts in yuan, and a sum."""

import gzip
import io
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha1
from typing import Final

from gridhall.billing.payments.answers import ZONE
from gridhall.billing.payments.port import BadStatementError, StatementLine
from gridhall.kit.money import Fen, fen_of

_FIRST, _SUM = "交易时间", "总交易单数"
_NEEDED: Final = frozenset(
    {
        *("交易时间", "商户号", "微信订单号", "商户订单号", "交易状态", "货币种类", "订单金额"),
        *("微信退款单号", "商户退款单号", "申请退款金额", "退款状态"),
    }
)
_SUMMED: Final = {"订单金额": "订单总金额", "申请退款金额": "申请退款总金额"}
"""Columns, and what the sum line calls their sums."""

_MOST_BYTES: Final = 2**30
_CUT_OFF: Final = "the statement is cut off"
_GONE: Final = frozenset({"SUCCESS", "PROCESSING"})
"""Refunds whose money left us; one that failed or was closed moved none."""


def read_statement(text: str, *, mchid: str) -> list[StatementLine]:
    """Read a statement. Columns are found by name, so that a new one disturbs nothing.

    Raises BadStatementError: not a statement, another merchant's, or one whose sum line says something else.
    """
    rows = (row.rstrip("\r\n") for row in io.StringIO(text.removeprefix("\ufeff")) if row.strip())
    sums = _Sums()
    lines: list[StatementLine] = []
    try:
        names = next(rows).split(",")
        if names[0] != _FIRST or not _NEEDED.issubset(names):
            raise BadStatementError("the columns are not known")
        for row in rows:
            if row.startswith(_SUM):
                sums.require(dict(zip(row.split(","), _fields(next(rows)), strict=True)))
                return lines
            said = dict(zip(names, _fields(row), strict=True))
            sums.add(said)
            line = _line(said, mchid=mchid)
            lines += [line] if line else []
    except (StopIteration, KeyError, ValueError) as error:
        raise BadStatementError(str(error) or _CUT_OFF) from None
    raise BadStatementError(_CUT_OFF)


def unpacked(packed: bytes, *, sha1_hex: str) -> str:
    """Return the text in a gzip. Raises BadStatementError where it is not what was hashed."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(packed)) as file:
            content = file.read(_MOST_BYTES + 1)
        text = content.decode()
    except (OSError, EOFError, zlib.error, UnicodeDecodeError):
        raise BadStatementError("the file cannot be unpacked") from None
    if len(content) > _MOST_BYTES:
        raise BadStatementError("the file is too large")
    if sha1(content, usedforsecurity=False).hexdigest() != sha1_hex.lower():
        raise BadStatementError("the file is not the one whose hash was told")
    return text


def _fields(row: str) -> list[str]:
    """Split a line: commas within a field are none that a backtick follows."""
    if not row.startswith("`"):
        raise ValueError("a line that does not begin with a backtick")
    return row[1:].split(",`")


def _line(row: Mapping[str, str], *, mchid: str) -> StatementLine | None:
    """Read a line; None of a refund that moved no money."""
    if row["商户号"] != mchid:
        raise BadStatementError("a line is another merchant's")
    if row["货币种类"] != "CNY":
        raise BadStatementError("a line is in another currency")
    at = datetime.strptime(row["交易时间"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=ZONE).astimezone(UTC)
    if row["交易状态"] == "SUCCESS":
        return StatementLine(row["商户订单号"], row["微信订单号"], fen_of(row["订单金额"]), at)
    if row["退款状态"] in _GONE:
        amount = Fen(-fen_of(row["申请退款金额"]))
        return StatementLine(row["商户订单号"], row["微信退款单号"], amount, at, row["商户退款单号"])
    return None


class _Sums:
    """What the lines come to, for the sum line: a file cut in the middle must not look like a smaller day."""

    def __init__(self) -> None:
        self._count = 0
        self._sums = dict.fromkeys(_SUMMED, 0)

    def add(self, row: Mapping[str, str]) -> None:
        """Count a line."""
        self._count += 1
        for column in _SUMMED:
            self._sums[column] += fen_of(row[column])

    def require(self, said: Mapping[str, str]) -> None:
        """Require that the sum line agrees. Raises BadStatementError."""
        if int(said[_SUM]) != self._count:
            raise BadStatementError(f"{self._count} lines, where the sum says {said[_SUM]}")
        for column, total in _SUMMED.items():
            if total in said and self._sums[column] != fen_of(said[total]):
                raise BadStatementError(f"{column} does not sum to what the sum line says")
