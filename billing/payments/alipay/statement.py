"""Alipay's daily statement (业务明细): a zip with a CSV in GBK, whose last lines count what it holds."""

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping
from typing import IO, Final
from zipfile import ZipInfo

from gridhall.billing.payments.alipay.trades import instant
from gridhall.billing.payments.port import BadStatementError, StatementLine
from gridhall.kit.money import fen_of
from gridhall.kit.zips import BadZipError, files_in
from gridhall.kit.zips import unpacked as pieces

_FIRST: Final = "支付宝交易号"
_MARK: Final = "#"
_COUNTED: Final = {"交易": re.compile(r"#交易合计[：:]\s*(\d+)笔"), "退款": re.compile(r"#退款合计[：:]\s*(\d+)笔")}
_NEEDED: Final = frozenset(
    {"支付宝交易号", "商户订单号", "业务类型", "完成时间", "订单金额（元）", "退款批次号/请求号"}
)
_MOST_BYTES: Final = 2**30


def unpacked(packed: bytes) -> str:
    """Return the text of the details in a zip, beside which lies a summary. Raises BadStatementError."""
    file = io.BytesIO(packed)
    try:
        # Told by what is in it: names are in GBK without a word of it, and readers of zips disagree on them.
        return next(text for text in (_text(file, one) for one in files_in(file)) if _FIRST in text)
    except BadZipError as error:
        raise BadStatementError(str(error)) from None
    except (StopIteration, UnicodeDecodeError):
        raise BadStatementError("the zip holds no details") from None


def _text(file: IO[bytes], one: ZipInfo) -> str:
    content = bytearray()
    for piece in pieces(file, one):
        content += piece
        if len(content) > _MOST_BYTES:
            raise BadStatementError("the file is too large")
    return content.decode("gbk")


def read_statement(text: str) -> list[StatementLine]:
    """Read the details. Columns are found by name. Raises BadStatementError: no statement, or cut off."""
    rows = csv.reader(row for row in io.StringIO(text) if row.strip() and not row.startswith(_MARK))
    counted: Counter[str] = Counter()
    try:
        names = [field.strip() for field in next(rows, [])]
        if not _NEEDED.issubset(names):
            raise BadStatementError("the columns are not known")
        lines = [_line(dict(zip(names, row, strict=True)), counted) for row in rows]
    except (ValueError, csv.Error) as error:
        raise BadStatementError(str(error)) from None
    _require_counts(text, counted)
    return lines


def _line(row: Mapping[str, str], counted: Counter[str]) -> StatementLine:
    said = {name: field.strip() for name, field in row.items() if name in _NEEDED}
    counted[said["业务类型"]] += 1
    return StatementLine(
        trade_number=said["商户订单号"],
        provider_number=said["支付宝交易号"],
        amount=fen_of(said["订单金额（元）"]),
        at=instant(said["完成时间"]),
        refund_number=said["退款批次号/请求号"] if said["业务类型"] == "退款" else None,
    )


def _require_counts(text: str, counted: Mapping[str, int]) -> None:
    """Require that the closing lines agree: a file cut in the middle must not look like a smaller day."""
    for kind, pattern in _COUNTED.items():
        said, have = pattern.search(text), counted[kind]
        if said is None or int(said[1]) != have:
            raise BadStatementError(f"{have} lines of {kind}, which the closing line does not say")
