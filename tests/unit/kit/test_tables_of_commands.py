"""Tables of commands: what they show can be read and copied on a terminal of any width."""

import unicodedata

import pytest
from rich.console import Console

from gridhall.kit import console

ID = "01a20305-1d35-73fe-bb82-3d2bd3c0d2da"
COLUMNS = ("id", "region", "month", "yuan", "owner", "findings")
ROW = (ID, "zhejiang", "2026-10", "1272.08", "qian.hong", "registers_differ_from_curve (period peak, curve 192.325)")


def shown(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *, width: int) -> str:
    monkeypatch.setattr(console, "console", Console(width=width))
    console.table("Held bills", COLUMNS, [ROW])
    return capsys.readouterr().out


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_an_id_is_never_torn(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    text = shown(capsys, monkeypatch, width=width)
    assert (ID in text, "qian.hong" in text) == (True, True)


def test_a_narrow_terminal_gets_a_line_a_value(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shown(capsys, monkeypatch, width=80).splitlines()[:4] == [
        "Held bills",
        "",
        f"id        {ID}",
        "region    zhejiang",
    ]


@pytest.mark.parametrize("note", ["[/nonsense]", "[red]seen[/red]", "[]"])
def test_what_people_wrote_stands_as_they_wrote_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, note: str
) -> None:
    monkeypatch.setattr(console, "console", Console(width=80))
    console.table("Notes", ("by", "note"), [("li", note)])
    assert note in capsys.readouterr().out


@pytest.mark.parametrize("width", [30, 80])
@pytest.mark.parametrize("order", ["\x1b[2J", "\x1b]52;c;cm0=\x07", "\x9b2J", "\x08\x08", "\r"], ids=repr)
def test_what_people_wrote_gives_the_terminal_no_orders(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, order: str, width: int
) -> None:
    monkeypatch.setattr(console, "console", Console(width=width))
    console.table("Notes", ("by", "note"), [(ID[:8], f"the meter {order} was\nchanged in 2026")])
    text = capsys.readouterr().out
    assert [one for one in text if unicodedata.category(one) == "Cc" and one != "\n"] == []
    assert ("\ufffd" in text, "changed" in text) == (True, True)
