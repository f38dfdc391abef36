"""Draws an e-bill as a PDF of one A4 page with typst; the bytes depend on the bill and its template alone.

A template is never changed once bills were issued by it: a folder of `templates/` a version, each whole in itself.
"""

import json
import threading
from datetime import UTC, datetime, time
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

import typst

from gridhall.notifications.ebill.model import EBill, UnprintableBillError
from gridhall.notifications.ebill.view import page

_FOLDER = Path(__file__).parent / "templates"
_FONT_PACKAGES = ("noto_cjk_sans_jp_regular", "noto_cjk_sans_jp_bold")

_of_this_thread = threading.local()


def render(bill: EBill) -> bytes:
    """Return the PDF of a bill. Safe to call from several threads; equal bills give equal bytes.

    Raises typst.TypstError where the bill does not fit on its page: nothing is ever left out silently; and
    UnprintableBillError where there is no such template.
    """
    return _drawn(bill, "pdf")


def picture(bill: EBill) -> bytes:
    """Return the page of a bill as a PNG of 144 dots an inch, for eyes that have no reader of PDF at hand."""
    return _drawn(bill, "png")


@cache
def template_versions() -> tuple[str, ...]:
    """Return the versions of the page that can be drawn, the oldest first."""
    return tuple(sorted(folder.name for folder in _FOLDER.iterdir() if folder.is_dir()))


def _drawn(bill: EBill, form: Literal["pdf", "png"]) -> bytes:
    made_at = datetime.combine(bill.issued_on, time(), UTC)
    drawn = _compiler(bill.template_version).compile(
        format=form,
        sys_inputs={"bill": json.dumps(page(bill), ensure_ascii=False)},
        timestamp=int(made_at.timestamp()),
    )
    if not isinstance(drawn, bytes):
        raise TypeError(f"typst answered with {type(drawn).__name__} instead of one page")
    return drawn


def _compiler(version: str) -> typst.Compiler:
    """Return this thread's compiler: one cannot be used by two threads, but keeps the parsed template warm."""
    if version not in template_versions():
        raise UnprintableBillError(f"template_version: {version!r} is not one of {', '.join(template_versions())}")
    compilers: dict[str, typst.Compiler] = _of_this_thread.__dict__.setdefault("compilers", {})
    if version not in compilers:
        folder = _FOLDER / version
        compilers[version] = typst.Compiler(
            folder / "template.typ", root=folder, font_paths=_fonts(), ignore_system_fonts=True
        )
    return compilers[version]


@cache
def _fonts() -> typst.Fonts:
    """Return the two fonts of the page, read once for all threads; the machine's own fonts are not looked at."""
    folders = [str(files(package)) for package in _FONT_PACKAGES]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)
