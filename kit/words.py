"""The catalogue of words: gettext, Chinese first, English second, by the caller's language.

Each room keeps `words/zh_CN.po` and `words/en.po`; message ids are keys such as `refusal.code_wrong`, never sentences,
so that a rule can name its words without knowing any language. The .po files are read as they are at start.
"""

import io
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib import resources
from typing import Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

LANGUAGES: Final = ("zh-CN", "en")
"""The languages there are; the first is the default."""


class Words:
    """The words of several rooms in every language."""

    def __init__(self, rooms: Iterable[str]) -> None:
        """Read the catalogues of the packages named, for example `gridhall.crm`."""
        packages = tuple(rooms)
        self._languages = {language: _merged(packages, language) for language in LANGUAGES}

    def say(self, key: str, *, language: str, params: Mapping[str, object] | None = None) -> str:
        """Return the words of a key. A key without words is a programming error: MissingWordsError."""
        messages = self._languages.get(language) or self._languages[LANGUAGES[0]]
        text = messages.gettext(key)
        if text == key:
            raise MissingWordsError(key, language)
        return text.format_map(params or {})

    def keys(self, language: str) -> frozenset[str]:
        """Return every key of a language, for the test that no language lacks one."""
        messages = self._languages[language]._catalog  # noqa: SLF001 - has no public view
        return frozenset(key for key in messages if isinstance(key, str) and key)


def choose_language(accept: str | None) -> str:
    """Return the best of our languages for an `Accept-Language` header or a stored preference."""
    for choice in (accept or "").lower().split(","):
        wanted = choice.split(";")[0].strip()
        for language in LANGUAGES:
            if wanted and (language.lower() == wanted or language.lower().split("-")[0] == wanted.split("-")[0]):
                return language
    return LANGUAGES[0]


@lru_cache(maxsize=64)
def _load(package: str, language: str) -> Translations:
    source = resources.files(package) / "words" / f"{language.replace('-', '_')}.po"
    compiled = io.BytesIO()
    with source.open("rb") as lines:
        write_mo(compiled, read_po(lines))
    compiled.seek(0)
    return Translations(compiled)


def _merged(packages: tuple[str, ...], language: str) -> Translations:
    merged = Translations()
    for package in packages:
        merged.merge(_load(package, language))
    return merged


class MissingWordsError(LookupError):
    """A key that no catalogue of the language has."""

    def __init__(self, key: str, language: str) -> None:
        super().__init__(f"no words for {key} in {language}")
