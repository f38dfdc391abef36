"""Zips of others: whatever stands in them, they are unpacked or refused, and never a fault."""

import io
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from typing import IO

import pytest
from hypothesis import given
from hypothesis.strategies import binary, integers, lists, tuples

from gridhall.kit.zips import BadZipError, files_in, unpacked

NAME, CONTENT = b"day.csv", b"meter,start,kwh\n"


def a_zip(*names: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, CONTENT)
    return made.getvalue()


def of_64_bits(*, size: int = len(CONTENT), place: int = 0, name: bytes = NAME) -> bytes:
    """A zip of one stored file, whose directory says how large it is and where it lies in 64 bits."""
    crc = zlib.crc32(CONTENT)
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 45, 0, 0, 0, 0, crc, len(CONTENT), len(CONTENT), len(name), 0)
    extra = struct.pack("<2H3Q", 1, 24, size, size, place)
    lengths = (len(name), len(extra), 0, 0, 0, 0)
    entry = struct.pack("<4s6H3L5H2L", b"PK\1\2", 45, 45, 0, 0, 0, 0, crc, 2**32 - 1, 2**32 - 1, *lengths, 2**32 - 1)
    body, directory = local + name + CONTENT, entry + name + extra
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(directory), len(body), 0)
    return body + directory + end


def memory() -> IO[bytes]:
    return io.BytesIO()


def disk() -> IO[bytes]:
    return tempfile.TemporaryFile()


def read(packed: bytes, kept: Callable[[], IO[bytes]] = memory) -> dict[str, bytes]:
    with kept() as file:
        file.write(packed)
        return {one.filename: b"".join(unpacked(file, one)) for one in files_in(file)}


class TestZips:
    def test_files_are_told_and_folders_left_out(self) -> None:
        assert read(a_zip("a.csv", "folder/", "folder/b.csv")) == {"a.csv": CONTENT, "folder/b.csv": CONTENT}

    def test_a_directory_of_64_bits_is_read(self) -> None:
        assert read(of_64_bits()) == {"day.csv": CONTENT}

    @pytest.mark.parametrize("kept", [memory, disk], ids=["memory", "disk"])
    @pytest.mark.parametrize("place", [2**40, 2**63 - 1, 2**63, 2**64 - 1], ids=hex)
    def test_a_file_that_lies_beyond_the_end_is_refused(self, place: int, kept: Callable[[], IO[bytes]]) -> None:
        with pytest.raises(BadZipError):
            read(of_64_bits(place=place), kept)

    @pytest.mark.parametrize("size", [2**31, 2**63 - 1, 2**64 - 1], ids=hex)
    def test_a_file_that_lies_about_its_size_is_refused(self, size: int) -> None:
        with pytest.raises(BadZipError):
            read(of_64_bits(size=size))

    def test_a_file_without_a_name_is_no_fault(self) -> None:
        with pytest.raises(BadZipError):
            read(of_64_bits(name=b""))

    def test_more_files_than_anybody_sends_are_refused_at_once(self) -> None:
        assert len(read(a_zip(*map(str, range(100))))) == 100
        with pytest.raises(BadZipError, match="more files"):
            read(a_zip(*map(str, range(101))))

    @given(changes=lists(tuples(integers(0, 200), binary(min_size=1, max_size=4)), min_size=1, max_size=4))
    def test_whatever_is_damaged_is_read_or_refused(self, changes: list[tuple[int, bytes]]) -> None:
        packed = bytearray(a_zip("a.csv", "b.csv"))
        for place, wrong in changes:
            packed[place : place + len(wrong)] = wrong
        with suppress(BadZipError):
            read(bytes(packed))
