"""Alipay's daily statement (业务明细): a zip with a CSV in GBK, whose last lines count what it holds."""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Final

from gridhall.billing.payments.alipay.trades import instant
from gridhall.billing.payments.port import BadStatementError, StatementLine
from gridhall.kit.money import fen_of

_FIRST: Final = "支付宝交易号"
_MARK: Final = "#"
_COUNTED: Final = {"交易": re.compile(r"#交易合计[：:]\s*(\d+)笔"), "退款": re.compile(r"#退款合计[：:]\s*(\d+)笔")}
_NEEDED: Final = frozenset(
    {"支付宝交易号", "商户订单号", "业务类型", "完成时间", "订单金额（元）", "退款批次号/请求号"}
)
_MOST_BYTES: Final = 2**30


def unpacked(packed: bytes) -> str:
    """Return the text of the details in a zip, beside which lies a summary. Raises BadStatementError."""
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as folder:
            files = folder.infolist()
            if sum(one.file_size for one in files) > _MOST_BYTES:
                raise BadStatementError("the file is too large")
            # Told by what is in it: names are in GBK without a word of it, and readers of zips disagree on them.
            return next(text for text in (folder.read(one).decode("gbk") for one in files) if _FIRST in text)
    except (zipfile.BadZipFile, zlib.error, StopIteration, UnicodeDecodeError, NotImplementedError, EOFError):
        raise BadStatementError("the file cannot be unpacked") from None


def read_statement(text: str) -> list[StatementLine]:
    """Read the details. Columns are found by name. Raises BadStatementError: no statement, or cut off."""
    plain = (row for row in text.split("\n") if row.strip() and not row.startswith(_MARK))
    rows = [[field.strip() for field in row] for row in csv.reader(plain)]
    try:
        names = rows[0]
        if not _NEEDED.issubset(names):
            raise BadStatementError("the columns are not known")
        read = [dict(zip(names, row, strict=True)) for row in rows[1:]]
        _require_counts(text, read)
        return list(_lines(read))
    except (IndexError, ValueError, csv.Error) as error:
        raise BadStatementError(str(error) or "the statement is empty") from None


def _lines(rows: list[dict[str, str]]) -> Iterator[StatementLine]:
    for row in rows:
        yield StatementLine(
            trade_number=row["商户订单号"],
            provider_number=row["支付宝交易号"],
            amount=fen_of(row["订单金额（元）"]),
            at=instant(row["完成时间"]),
            refund_number=row["退款批次号/请求号"] if row["业务类型"] == "退款" else None,
        )


def _require_counts(text: str, rows: list[dict[str, str]]) -> None:
    """Require that the closing lines agree: a file cut in the middle must not look like a smaller day."""
    for kind, pattern in _COUNTED.items():
        said, have = pattern.search(text), sum(1 for row in rows if row["业务类型"] == kind)
        if said is None or int(said[1]) != have:
            raise BadStatementError(f"{have} lines of {kind}, which the closing line does not say")
