"""The invoice of the tax platform's stand-in: what a customer looks for on it, and that it is none."""

import io
import zipfile
from decimal import Decimal
from typing import Final
from xml.etree import ElementTree as ET

import pytest
from pypdf import PdfReader

from gridhall.simulators.invoices import as_ofd, as_pdf, in_words

NUMBER: Final = "26000000000000000001"
AT: Final = "2026-11-22T21:16:00+08:00"
TOLD: Final = {
    "seller": {"name": "格里供电", "taxNumber": "91330000000000000X"},
    "buyer": {"name": "高小明 <#lorem(5)>", "taxNumber": ""},
    "lines": [{"item": "供电", "taxCode": "1100101000000000000", "net": "54.27", "rate": "0.13", "tax": "7.06"}],
    "total": "61.33",
    "note": "户号 330****003，2026-10",
}


def test_the_page_has_what_an_invoice_has_and_says_that_it_is_none() -> None:
    (page,) = PdfReader(io.BytesIO(as_pdf(NUMBER, AT, TOLD))).pages
    text = page.extract_text()
    for said in ("电子发票", NUMBER, "2026-11-22", "高小明 <#lorem(5)>", "格里供电", "54.27", "7.06", "13%", "61.33"):
        assert said in text
    assert "陆拾壹圆叁角叁分" in text
    assert "不得作为凭证" in text


def test_the_ofd_is_a_container_whose_parts_are_there() -> None:
    with zipfile.ZipFile(io.BytesIO(as_ofd(NUMBER, AT, TOLD))) as archive:
        said = {name: ET.fromstring(archive.read(name)) for name in archive.namelist()}  # noqa: S314 - our own
    root = said["OFD.xml"].findtext(".//{*}DocRoot")
    assert root in said
    (page,) = said[str(root)].iterfind(".//{*}Page")
    assert NUMBER in str(said[f"Doc_0/{page.get('BaseLoc')}"].findtext(".//{*}TextCode"))


@pytest.mark.parametrize(
    ("yuan", "said"),
    [
        ("61.33", "陆拾壹圆叁角叁分"),
        ("0.05", "伍分"),
        ("100.00", "壹佰圆整"),
        ("1005.40", "壹仟零伍圆肆角整"),
        ("10010.06", "壹万零壹拾圆零陆分"),
        ("120000", "壹拾贰万圆整"),
        ("0", "零圆整"),
    ],
)
def test_amounts_are_written_as_on_paper(yuan: str, said: str) -> None:
    assert in_words(Decimal(yuan)) == said
