"""Values of a subscribe message, cut to the rule of their field; for one that breaks it WeChat refuses the message.

The kind of a field is the name of its keyword without the number: `thing2` is a `thing`. Source of the rules: WeChat's
table of subscribe-message parameters.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

_ELLIPSIS: Final = "…"
_NOTHING: Final = "-"
_KIND = re.compile(r"([a-z_]+?)\d*")
_SPACES = re.compile(r"\s+")
_NOT_PRINTABLE_ASCII = re.compile(r"[^\x20-\x7e]+")
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d:\d\d).*)?", re.ASCII)

THING_CHARACTERS: Final = 20
NAME_CHARACTERS: Final = 10
PHRASE_CHARACTERS: Final = 5
CODE_CHARACTERS: Final = 32


def fitted(keyword: str, value: str) -> str:
    """Return `value` as the field of a keyword takes it.

    Texts are cut, dates written as WeChat writes them, groups of thousands closed. What a cut would falsify (an amount,
    a number) is left whole: WeChat then refuses it, and the message goes another way. An empty value becomes a dash.
    """
    found = _KIND.fullmatch(keyword)
    fit = _FITS.get(found[1] if found else "", _as_it_is)
    return fit(_SPACES.sub(" ", value).strip()) or _NOTHING


def filled(fields: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """Return the value of each keyword of a template. Raises KeyError where a value that it names is not there."""
    return {keyword: fitted(keyword, values[name]) for keyword, name in fields.items()}


def _cut_to(most: int) -> Callable[[str], str]:
    def cut(text: str) -> str:
        if _length(text) <= most:
            return text
        kept = ""
        for character in text:
            if _length(kept + character) > most - 1:
                break
            kept += character
        return kept.rstrip() + _ELLIPSIS

    return cut


def _length(text: str) -> int:
    """Count as the mini-program does, in UTF-16: a rare surname character counts as two."""
    return len(text.encode("utf-16-le")) // 2


def _code(text: str) -> str:
    return _NOT_PRINTABLE_ASCII.sub("", text)[:CODE_CHARACTERS].strip()


def _amount(text: str) -> str:
    return text.replace(",", "").replace(" ", "").replace("CNY", "¥")


def _number(text: str) -> str:
    return text.replace(",", "").replace(" ", "")


def _date(text: str) -> str:
    found = _DATE.fullmatch(text)
    if found is None:
        return text
    year, month, day, time = found.groups()
    shown = f"{year}年{int(month)}月{int(day)}日"
    return f"{shown} {time}" if time else shown


def _as_it_is(text: str) -> str:
    return text


_FITS: Final[Mapping[str, Callable[[str], str]]] = {
    "thing": _cut_to(THING_CHARACTERS),
    "name": _cut_to(NAME_CHARACTERS),
    "phrase": _cut_to(PHRASE_CHARACTERS),
    "character_string": _code,
    "amount": _amount,
    "number": _number,
    "date": _date,
    "time": _date,
}
