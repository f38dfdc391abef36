"""The files of the tax platform's stand-in: an invoice that looks like a 数电发票, and says that it is none."""

import io
import json
import zipfile
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

import typst

_TEMPLATE: Final = Path(__file__).parent / "paper" / "template.typ"
_FONTS: Final = ("noto_cjk_sans_jp_regular", "noto_cjk_sans_jp_bold")
_DIGITS: Final = "零壹贰叁肆伍陆柒捌玖"
_PLACES: Final = ("", "拾", "佰", "仟")
_GROUPS: Final = ("", "万", "亿")


def as_pdf(number: str, at: str, told: Mapping[str, Any]) -> bytes:
    """Return the invoice of a request as a page. at: when it was issued. A buyer of any name is printed literally."""
    (line,) = told["lines"]
    shown = {
        "number": number,
        "day": at[:10],
        "buyer": told["buyer"]["name"],
        "buyer_number": told["buyer"]["taxNumber"],
        "seller": told["seller"]["name"],
        "seller_number": told["seller"]["taxNumber"],
        "net": line["net"],
        "tax": line["tax"],
        "rate": f"{Decimal(line['rate']) * 100:.0f}%",
        "total": told["total"],
        "in_words": in_words(Decimal(told["total"])),
        "note": told["note"],
    }
    drawn = typst.compile(
        _TEMPLATE,
        font_paths=_font_paths(),
        ignore_system_fonts=True,
        sys_inputs={"invoice": json.dumps(shown, ensure_ascii=False)},
    )
    if not isinstance(drawn, bytes):
        raise TypeError(f"typst answered with {type(drawn).__name__} instead of one file")
    return drawn


def as_ofd(number: str, at: str, told: Mapping[str, Any]) -> bytes:
    """Return the same as OFD (GB/T 33190): its container with one page, on which the number and the total stand."""
    says = escape(f"模拟 电子发票 {number} {told['buyer']['name']} ¥{told['total']}")
    space = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    box = "<ofd:PhysicalBox>0 0 210 105</ofd:PhysicalBox>"
    parts = {
        "OFD.xml": f'<ofd:OFD {space} Version="1.1" DocType="OFD"><ofd:DocBody><ofd:DocInfo><ofd:DocID>{number}'
        f"</ofd:DocID><ofd:CreationDate>{at[:10]}</ofd:CreationDate></ofd:DocInfo>"
        "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f"<ofd:Document {space}><ofd:CommonData><ofd:MaxUnitID>9</ofd:MaxUnitID><ofd:PageArea>"
        f"{box}</ofd:PageArea><ofd:PublicRes>PublicRes.xml</ofd:PublicRes></ofd:CommonData>"
        '<ofd:Pages><ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/></ofd:Pages></ofd:Document>',
        "Doc_0/PublicRes.xml": f'<ofd:Res {space} BaseLoc="Res"><ofd:Fonts><ofd:Font ID="2" FontName="宋体"/>'
        "</ofd:Fonts></ofd:Res>",
        "Doc_0/Pages/Page_0/Content.xml": f"<ofd:Page {space}><ofd:Area>{box}</ofd:Area><ofd:Content>"
        '<ofd:Layer ID="3"><ofd:TextObject ID="4" Boundary="10 10 190 10" Font="2" Size="5">'
        f'<ofd:TextCode X="0" Y="6">{says}</ofd:TextCode></ofd:TextObject></ofd:Layer></ofd:Content></ofd:Page>',
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, xml in parts.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{xml}')
    return packed.getvalue()


def in_words(yuan: Decimal) -> str:
    """Return an amount below 10,000 亿 yuan as it is written on invoices (大写), like 壹佰零玖圆肆角陆分."""
    whole, fen = divmod(int(yuan * 100), 100)
    jiao, rest = divmod(fen, 10)
    said = f"{_whole(whole)}圆" if whole else ""
    if not fen:
        return f"{said or '零圆'}整"
    said += f"{_DIGITS[jiao]}角" if jiao else "零" if whole else ""
    return said + (f"{_DIGITS[rest]}分" if rest else "整")


def _whole(number: int) -> str:
    said, skipped = "", False
    for place in range(len(_GROUPS) * len(_PLACES) - 1, -1, -1):
        digit = number // 10**place % 10
        group, within = divmod(place, len(_PLACES))
        if digit:
            said += ("零" if skipped and said else "") + _DIGITS[digit] + _PLACES[within]
        skipped = not digit
        if not within and number // 10**place % 10_000:
            said += _GROUPS[group]
    return said


@cache
def _font_paths() -> list[Path]:
    return [Path(str(files(package))) for package in _FONTS]
