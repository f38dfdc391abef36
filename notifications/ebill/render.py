"""Draws an e-bill as a PDF of one A4 page with typst; the bytes depend on the bill and the template alone."""

import json
import threading
from datetime import UTC, datetime, time
from functools import cache
from importlib.resources import files
from pathlib import Path

import typst

from gridhall.notifications.ebill.model import EBill
from gridhall.notifications.ebill.view import page

_FOLDER = Path(__file__).parent
_TEMPLATE = _FOLDER / "template.typ"
_FONT_PACKAGES = ("noto_cjk_sans_jp_regular", "noto_cjk_sans_jp_bold")

_of_this_thread = threading.local()


def render(bill: EBill) -> bytes:
    """Return the PDF of a bill. Safe to call from several threads; equal bills give equal bytes.

    Raises typst.TypstError where the bill does not fit on its page: nothing is ever left out silently.
    """
    made_at = datetime.combine(bill.issued_on, time(), UTC)
    pdf = _compiler().compile(
        format="pdf",
        sys_inputs={"bill": json.dumps(page(bill), ensure_ascii=False)},
        timestamp=int(made_at.timestamp()),
    )
    if not isinstance(pdf, bytes):
        raise TypeError(f"typst answered with {type(pdf).__name__} instead of one PDF")
    return pdf


def _compiler() -> typst.Compiler:
    """Return this thread's compiler: one cannot be used by two threads, but keeps the parsed template warm."""
    compiler: typst.Compiler | None = getattr(_of_this_thread, "compiler", None)
    if compiler is None:
        compiler = typst.Compiler(_TEMPLATE, root=_FOLDER, font_paths=_fonts(), ignore_system_fonts=True)
        _of_this_thread.compiler = compiler
    return compiler


@cache
def _fonts() -> typst.Fonts:
    """Return the two fonts of the page, read once for all threads; the machine's own fonts are not looked at."""
    folders = [str(files(package)) for package in _FONT_PACKAGES]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)
