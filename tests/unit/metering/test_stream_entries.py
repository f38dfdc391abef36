"""Entries of the feed's stream: signed, read, packed, and numbered on."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.metering.feed.clients import hash_token
from gridhall.metering.feed.stream.entries import BadEntryError, EntryTooLargeError, read_entry, signed
from gridhall.metering.feed.stream.producer import cut_into_entries

TOKEN = "ghf.ami-hz.secret"
KEY = hash_token(TOKEN)


def fields(**changes: Any) -> dict[bytes, bytes]:  # noqa: ANN401 - any field
    said: dict[str, Any] = {"token": TOKEN, "format": "ndjson", "batch": "b1", "rows": b"{}\n", **changes}
    return signed(**said)


class TestSignature:
    @given(rows=st.binary(max_size=200), packed=st.booleans())
    def test_what_was_signed_is_read_again(self, *, rows: bytes, packed: bool) -> None:
        entry = read_entry("1-0", fields(rows=rows, packed=packed))
        assert entry.is_signed_with(KEY)
        assert entry.rows(most=200) == rows

    @pytest.mark.parametrize(
        ("name", "value"), [(b"body", b"{} "), (b"format", b"csv-long"), (b"batch", b"b2"), (b"client", b"ami")]
    )
    def test_whatever_is_changed_is_signed_by_nobody(self, name: bytes, value: bytes) -> None:
        assert not read_entry("1-0", {**fields(), name: value}).is_signed_with(KEY)

    def test_the_token_is_not_in_the_entry(self) -> None:
        assert b"secret" not in b"".join(fields().values())

    def test_a_token_of_another_kind_signs_nothing(self) -> None:
        with pytest.raises(ValueError, match="token"):
            fields(token="Bearer x")


class TestReading:
    @pytest.mark.parametrize(
        ("name", "value"),
        [(b"v", b"2"), (b"client", b""), (b"client", b"A B"), (b"format", b"../x"), (b"encoding", b"zip")],
    )
    def test_names_the_field_that_cannot_be_read(self, name: bytes, value: bytes) -> None:
        with pytest.raises(BadEntryError, match=f"field {name.decode()} must be"):
            read_entry("1-0", {**fields(), name: value})

    def test_of_a_small_bomb_only_the_beginning_is_unpacked(self) -> None:
        entry = read_entry("1-0", fields(rows=bytes(10**7), packed=True))
        with pytest.raises(EntryTooLargeError) as caught:
            entry.rows(most=1000)
        assert caught.value.beginning == bytes(1000)

    @pytest.mark.parametrize("body", [b"no gzip", fields(rows=b"x" * 99, packed=True)[b"body"][:-9]])
    def test_a_broken_gzip_is_a_bad_entry(self, body: bytes) -> None:
        with pytest.raises(BadEntryError, match="gzip"):
            read_entry("1-0", {**fields(packed=True), b"body": body}).rows(most=1000)


class TestCuttingAFile:
    def test_every_entry_of_a_csv_has_the_header(self) -> None:
        lines = [b"meter,start,kwh\n", b"1\n", b"2\n", b"3\n"]
        assert list(cut_into_entries(lines, format="csv-long", most=2)) == [
            b"meter,start,kwh\n1\n2\n",
            b"meter,start,kwh\n3\n",
        ]

    def test_what_cannot_be_cut_stays_whole(self) -> None:
        assert list(cut_into_entries([b"100\n", b"900\n"], format="nem12", most=1)) == [b"100\n900\n"]
