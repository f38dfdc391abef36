"""The pieces of an answer of Alipay's as they came: the signature is over the very text of the node."""

import re
from dataclasses import dataclass
from json import JSONDecodeError, JSONDecoder
from typing import Any, Final

_decoder: Final = JSONDecoder()
_SPACE: Final = re.compile(r"[ \t\r\n]*")


@dataclass(frozen=True, slots=True)
class Node:
    """A value at the top of a JSON object, and its own text."""

    value: Any
    text: str


def nodes(text: str) -> dict[str, Node]:
    """Return the values at the top of a JSON object by name. Raises NoNodesError where it is none or repeats a name."""
    try:
        return _read(text)
    except (JSONDecodeError, IndexError, RecursionError):
        raise NoNodesError("not a JSON object") from None


def _read(text: str) -> dict[str, Node]:
    found: dict[str, Node] = {}
    at = _after(text, _blank(text, 0), "{")
    while True:
        name, at = _decoder.raw_decode(text, _blank(text, at))
        if not isinstance(name, str) or name in found:
            raise NoNodesError("a name is repeated or is none")
        begins = _blank(text, _after(text, _blank(text, at), ":"))
        value, ends = _decoder.raw_decode(text, begins)
        found[name] = Node(value, text[begins:ends])
        at = _blank(text, ends)
        if text[at] == "}":
            break
        at = _after(text, at, ",")
    if _blank(text, at + 1) != len(text):
        raise NoNodesError("something follows the object")
    return found


def _blank(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _after(text: str, at: int, mark: str) -> int:
    if text[at] != mark:
        raise NoNodesError(f"{mark} was expected")
    return at + 1


class NoNodesError(ValueError):
    """An answer that is no JSON object."""
