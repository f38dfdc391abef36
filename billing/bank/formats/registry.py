"""The formats that there are. Add one: a dialect of the table, or a class of its own that keeps the protocol."""

from types import MappingProxyType
from typing import Final

from gridhall.billing.bank.formats.port import BankFormat
from gridhall.billing.bank.formats.table import Columns, TableFormat

PLAIN: Final = TableFormat(
    name="plain",
    encoding="utf-8",
    columns=Columns(
        item="item",
        account="account",
        card="card",
        holder="holder",
        amount="amount",
        code="result",
        serial="serial",
        at="at",
        text="text",
        count="COUNT",
        total="TOTAL",
    ),
    success="ok",
    codes=MappingProxyType({}),
)
"""UTF-8 with English names; reasons are written in our own words."""

GBK: Final = TableFormat(
    name="gbk",
    encoding="gb18030",
    columns=Columns(
        item="业务流水号",
        account="户号",
        card="账号",
        holder="户名",
        amount="金额",
        code="返回码",
        serial="银行流水号",
        at="交易时间",
        text="附言",
        count="总笔数",
        total="总金额",
    ),
    success="0000",
    codes=MappingProxyType(
        {
            "0001": "insufficient",
            "0002": "no_such_card",
            "0003": "holder_differs",
            "0004": "card_closed",
            "0005": "no_mandate",
            "0006": "limit",
            "0099": "bank_busy",
        }
    ),
)
"""GBK with Chinese names, as bank desks exchange it. Its codes are background knowledge: each bank has its own."""

FORMATS: Final[MappingProxyType[str, BankFormat]] = MappingProxyType({one.name: one for one in (PLAIN, GBK)})
"""By name."""


def bank_format(name: str) -> BankFormat:
    """Return a format. Raises UnknownBankFormatError that lists what there is."""
    try:
        return FORMATS[name]
    except KeyError:
        raise UnknownBankFormatError(name) from None


class UnknownBankFormatError(LookupError):
    """A format that there is not."""

    def __init__(self, name: str) -> None:
        super().__init__(f"format: {name!r} is not known; there are {', '.join(sorted(FORMATS))}")
