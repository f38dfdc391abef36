"""Draws an e-bill as a PDF of one A4 page with typst; the bytes depend on the bill and its template alone.

A template is never changed once bills were issued by it: a folder of `templates/` a version, each whole in itself.
"""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Final, Literal

import typst

from gridhall.notifications.ebill.model import EBill, UnprintableBillError
from gridhall.notifications.ebill.parts import together
from gridhall.notifications.ebill.view import page
from gridhall.notifications.typesetting import typeset

_FOLDER = Path(__file__).parent / "templates"

_WAYS: Final = ((0, None), (1, None), (2, None), (3, None), (3, 8), (3, 2), (3, 0))
"""How close things stand on a page, and how many charges beside energy are listed at most: nearly always the first way.

A bill that does not fit so is drawn again, closer; and where a supplier's names of charges run too long for any, these
are told together.
"""

_TOO_FULL: Final = "does not fit on one page"
"""What a template says then."""


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
    version = bill.template_version
    if version not in template_versions():
        raise UnprintableBillError(f"template_version: {version!r} is not one of {', '.join(template_versions())}")
    for way in _WAYS:
        density, charges = way
        shown = bill if charges is None else replace(bill, lines=together(bill.lines, most=charges))
        try:
            data = {**page(shown), "density": density}
            return typeset(_FOLDER / version, name="bill", data=data, on=bill.issued_on, form=form)
        except typst.TypstError as error:
            if way == _WAYS[-1] or _TOO_FULL not in str(error):
                raise
    raise AssertionError("unreachable: the last way returns or raises")
