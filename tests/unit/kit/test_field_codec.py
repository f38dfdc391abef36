import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.kit.codec import FieldCodec, SealedFieldError

CODEC = FieldCodec(b"1" * 32)


@given(st.text())
def test_what_was_sealed_is_opened_again(text: str) -> None:
    assert CODEC.open(CODEC.seal(text, field="name"), field="name") == text


def test_the_text_cannot_be_seen_in_what_is_kept() -> None:
    assert "王小明".encode() not in CODEC.seal("王小明", field="name")


def test_the_same_text_is_sealed_differently_each_time() -> None:
    assert CODEC.seal("王小明", field="name") != CODEC.seal("王小明", field="name")


@given(st.integers(0, 37), st.integers(1, 255))
def test_one_changed_byte_is_noticed(at: int, change: int) -> None:
    sealed = bytearray(CODEC.seal("王小明", field="name"))
    sealed[at] ^= change
    with pytest.raises(SealedFieldError):
        CODEC.open(bytes(sealed), field="name")


@given(st.integers(0, 37))
def test_a_cut_off_end_is_noticed(length: int) -> None:
    with pytest.raises(SealedFieldError):
        CODEC.open(CODEC.seal("王小明", field="name")[:length], field="name")


def test_a_sealed_field_cannot_be_moved_to_another() -> None:
    with pytest.raises(SealedFieldError, match="the field mail cannot be decrypted"):
        CODEC.open(CODEC.seal("王小明", field="name"), field="mail")


def test_another_key_opens_nothing() -> None:
    with pytest.raises(SealedFieldError):
        FieldCodec(b"2" * 32).open(CODEC.seal("王小明", field="name"), field="name")


def test_an_error_does_not_repeat_what_was_sealed() -> None:
    with pytest.raises(SealedFieldError) as error:
        CODEC.open(b"\x00secret", field="name")
    assert "secret" not in str(error.value)


class TestTokens:
    def test_the_same_value_of_a_field_has_the_same_token_in_every_process(self) -> None:
        assert CODEC.token("13800000001", field="phone") == FieldCodec(b"1" * 32).token("13800000001", field="phone")

    def test_tokens_differ_by_value_field_and_key(self) -> None:
        tokens = {
            CODEC.token("13800000001", field="phone"),
            CODEC.token("13800000002", field="phone"),
            CODEC.token("13800000001", field="mobile"),
            FieldCodec(b"2" * 32).token("13800000001", field="phone"),
        }
        assert len(tokens) == 4
        assert {len(token) for token in tokens} == {16}

    def test_a_field_and_a_value_cannot_be_taken_for_another_pair(self) -> None:
        assert CODEC.token("bc", field="a") != CODEC.token("c", field="ab")
