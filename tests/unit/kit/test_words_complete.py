from string import Formatter

import pytest

from gridhall.kit.words import LANGUAGES, MissingWordsError, Words, choose_language

ROOMS = ("gridhall.metering", "gridhall.billing", "gridhall.notifications", "gridhall.graphql", "gridhall.api")


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


class Anything(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"


@pytest.fixture(scope="module", params=ROOMS)
def words(request: pytest.FixtureRequest) -> Words:
    return Words([request.param])


def said(words: Words, key: str, language: str) -> str:
    return words.say(key, language=language, params=Anything(any=""))


def test_every_key_is_in_every_language(words: Words) -> None:
    first, *others = (words.keys(language) for language in LANGUAGES)
    assert first
    assert [other ^ first for other in others] == [frozenset()] * len(others)


def test_every_key_has_words_with_the_same_placeholders_in_every_language(words: Words) -> None:
    zh, en = LANGUAGES
    differing = {
        key: (said(words, key, zh), said(words, key, en))
        for key in words.keys(zh)
        if placeholders(said(words, key, zh)) != placeholders(said(words, key, en))
    }
    assert differing == {}


def test_chinese_words_are_chinese_and_english_ones_are_not(words: Words) -> None:
    def chinese(text: str) -> bool:
        return any("一" <= character <= "鿿" for character in text)

    keys = words.keys(LANGUAGES[0])
    assert [key for key in keys if chinese(said(words, key, "en"))] == []
    assert [key for key in keys if not chinese(said(words, key, "zh-CN"))] == []


def test_rooms_do_not_use_each_others_keys() -> None:
    keys = [key for room in ROOMS for key in Words([room]).keys(LANGUAGES[0])]
    assert sorted(keys) == sorted(set(keys))


class TestSaying:
    def test_the_words_of_several_rooms_are_said_in_the_language_asked_for(self) -> None:
        words = Words(ROOMS)
        assert words.say("fact.account", language="zh-CN") == "户号"
        assert words.say("fact.account", language="en") == "Account number"

    def test_a_language_that_is_not_spoken_gets_the_first(self) -> None:
        assert Words(ROOMS).say("fact.account", language="fr") == "户号"

    def test_a_key_without_words_is_a_mistake_that_names_it(self) -> None:
        with pytest.raises(MissingWordsError, match=r"no words for fact\.nothing in en"):
            Words(ROOMS).say("fact.nothing", language="en")


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        (None, "zh-CN"),
        ("", "zh-CN"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("zh-Hans-CN", "zh-CN"),
        ("fr-FR, en;q=0.5", "en"),
        ("fr", "zh-CN"),
        ("*", "zh-CN"),
    ],
)
def test_the_first_language_that_we_speak_is_chosen(accept: str | None, language: str) -> None:
    assert choose_language(accept) == language
