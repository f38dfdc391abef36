"""Reasons and notes: what nobody can see is no reason."""

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from gridhall.crm.audit.operations import good_reason as at_desk
from gridhall.kit.console import good_reason
from gridhall.kit.said import REASON_LENGTHS, said
from gridhall.kit.subject import Refusal
from gridhall.kit.words import LANGUAGES, Words
from gridhall.metering.vee.exceptions.deciding import BAD_REASON as BAD_READING_REASON

UNSEEN = [
    "\u200b" * 8,
    " \u200b \u200c \u200d \ufeff ",
    "\u00a0\u2003\u3000\u2028" * 2,
    "\u2800\u3164\u115f\uffa0\u1160",
    "\u0301" * 6,
    "\x00\x01\x02\x03\x07",
    "a\u200bb\u2060c\u00ad",
    "a           b",
    "\U000e0041\U000e0042\U000e0043\U000e0044",
]


@pytest.mark.parametrize("text", [*UNSEEN, "", "abc", "x" * 201])
def test_what_says_nothing_or_too_much_is_no_reason(text: str) -> None:
    assert said(text) is None
    with pytest.raises(typer.Exit):
        good_reason(text)


@pytest.mark.parametrize(
    "text", ["表计已换", "seen", "a b c", "x" * 200, "e\u0301te\u0301 here", "看过👨\u200d👩\u200d👧了"]
)
def test_a_short_word_is_one_in_any_language(text: str) -> None:
    assert said(f" \n{text}\t") == text


@given(text=st.text(max_size=250))
def test_what_is_kept_is_what_was_written_but_for_the_space_around_it(text: str) -> None:
    kept = said(text)
    assert kept is None or (kept == text.strip() and len(kept) in REASON_LENGTHS)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("refusal", [at_desk("\u200b" * 8), BAD_READING_REASON])
def test_whoever_gives_no_reason_is_told_which_field_it_is(refusal: object, language: str) -> None:
    assert isinstance(refusal, Refusal)
    words = Words(["gridhall.graphql"])
    assert words.say(f"refusal.{refusal.code}", language=language, params=refusal.params).startswith("reason")
