"""WeChat Pay's daily statement (交易账单): lines of fields that begin with a backtick, amounts in yuan, and a sum."""

import gzip
import zlib
from collections.abc import Iterator, Mapping
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
_GONE: Final = frozenset({"SUCCESS", "PROCESSING"})
"""Refunds whose money left us; one that failed or was closed moved none."""


def read_statement(text: str, *, mchid: str) -> list[StatementLine]:
    """Read a statement. Columns are found by name, so that a new one disturbs nothing.

    Raises BadStatementError: not a statement, another merchant's, or one whose sum line says something else.
    """
    rows = [row.removesuffix("\r") for row in text.removeprefix("\ufeff").split("\n") if row.strip()]
    try:
        ends_at = next(at for at, row in enumerate(rows) if row.startswith(_SUM))
        names = rows[0].split(",")
        said = dict(zip(rows[ends_at].split(","), _fields(rows[ends_at + 1]), strict=True))
        if names[0] != _FIRST or not _NEEDED.issubset(names):
            raise BadStatementError("the columns are not known")
        read = [dict(zip(names, _fields(row), strict=True)) for row in rows[1:ends_at]]
        _require_sum(read, said)
        return list(_lines(read, mchid=mchid))
    except (StopIteration, IndexError, KeyError, ValueError) as error:
        raise BadStatementError(str(error) or "the statement is cut off") from None


def unpacked(packed: bytes, *, sha1_hex: str) -> str:
    """Return the text in a gzip. Raises BadStatementError where it is not what was hashed."""
    try:
        content = gzip.decompress(packed)
        text = content.decode()
    except (OSError, EOFError, zlib.error, UnicodeDecodeError):
        raise BadStatementError("the file cannot be unpacked") from None
    if sha1(content, usedforsecurity=False).hexdigest() != sha1_hex.lower():
        raise BadStatementError("the file is not the one whose hash was told")
    return text


def _fields(row: str) -> list[str]:
    """Split a line: commas within a field are none that a backtick follows."""
    if not row.startswith("`"):
        raise ValueError("a line that does not begin with a backtick")
    return row[1:].split(",`")


def _lines(rows: list[dict[str, str]], *, mchid: str) -> Iterator[StatementLine]:
    for row in rows:
        if row["商户号"] != mchid:
            raise BadStatementError("a line is another merchant's")
        if row["货币种类"] != "CNY":
            raise BadStatementError("a line is in another currency")
        at = datetime.strptime(row["交易时间"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=ZONE).astimezone(UTC)
        if row["交易状态"] == "SUCCESS":
            yield StatementLine(row["商户订单号"], row["微信订单号"], fen_of(row["订单金额"]), at)
        elif row["退款状态"] in _GONE:
            amount = Fen(-fen_of(row["申请退款金额"]))
            yield StatementLine(row["商户订单号"], row["微信退款单号"], amount, at, row["商户退款单号"])


def _require_sum(rows: list[dict[str, str]], said: Mapping[str, str]) -> None:
    """Require that the sum line agrees: a file cut in the middle must not look like a smaller day."""
    if int(said[_SUM]) != len(rows):
        raise BadStatementError(f"{len(rows)} lines, where the sum says {said[_SUM]}")
    for column, total in (("订单金额", "订单总金额"), ("申请退款金额", "申请退款总金额")):
        if total in said and sum(fen_of(row[column]) for row in rows) != fen_of(said[total]):
            raise BadStatementError(f"{column} does not sum to what the sum line says")
