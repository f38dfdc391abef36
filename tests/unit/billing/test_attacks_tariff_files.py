"""Tariff files that were written to hurt: each is refused in a sentence, at once, whatever is inside."""

import re
import time
from pathlib import Path

import pytest

from gridhall.billing.tariffs import catalogue
from gridhall.billing.tariffs.imports.reading import read_tariff
from gridhall.metering.calendars.datafile import RuleFileError

SHIPPED = (Path(catalogue.__file__).parent / "data" / "zhejiang-residential.toml").read_text(encoding="utf-8")


def refusal(folder: Path, name: str, content: str | bytes) -> str:
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    began = time.process_time()
    with pytest.raises(RuleFileError) as caught:
        read_tariff(file)
    assert time.process_time() - began < 2
    assert len(str(caught.value)) < 400
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("deep.toml", "a = " + "[\n" * 50_000 + "]\n" * 50_000),
        ("dotted.toml", ".".join(["a"] * 50_000) + " = 1"),
        ("number.toml", "a = " + "9" * 3_990),
        ("digits.toml", "a = [\n" + "9" * 3_990 + "\n]"),
        ("digits.json", '{"code": ' + "9" * 5_000 + "}"),
        ("deep.json", "[" * 200_000),
        ("tables.json", '{"versions": ' + '{"a": ' * 100_000),
        ("list.json", "[]"),
        ("binary.toml", b"\xff\xfe\x00" * 100),
        ("binary.json", b"\x1f\x8b\x08" * 100),
        ("large.toml", b"#" * (2**20 + 1)),
        ("large.json", b" " * (2**20 + 1)),
        ("empty.toml", ""),
    ],
)
def test_what_chokes_a_parser_is_refused(tmp_path: Path, name: str, content: str | bytes) -> None:
    assert refusal(tmp_path, name, content).startswith(name)


def test_a_file_without_end_is_read_to_its_limit_only(tmp_path: Path) -> None:
    file = tmp_path / "huge.toml"
    with file.open("wb") as out:
        out.truncate(2**30)
    with pytest.raises(RuleFileError, match="must have at most 1048576 bytes"):
        read_tariff(file)


@pytest.mark.parametrize(
    "price", ["1" + "0" * 400, "1e99999999", "NaN", "Infinity", "-Infinity", "-0.1", "1_0", "0x1", ""]
)
def test_no_price_is_without_measure(tmp_path: Path, price: str) -> None:
    told = refusal(tmp_path, "prices.toml", re.sub(r'price = "[^"]*"', f'price = "{price}"', SHIPPED, count=1))
    assert told.startswith("prices.toml: versions.0.prices.0.price: ")


@pytest.mark.parametrize("day", ["0001-01-01", "1949-12-31", "2100-01-01", "9999-12-31"])
def test_no_tariff_begins_at_the_ends_of_time(tmp_path: Path, day: str) -> None:
    told = refusal(tmp_path, "days.toml", re.sub(r"effective_from = \S+", f"effective_from = {day}", SHIPPED, count=1))
    assert told.startswith("days.toml: versions.0.effective_from: ")
