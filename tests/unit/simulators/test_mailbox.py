"""The mailbox of the stand-ins."""

from datetime import UTC, datetime
from pathlib import Path

from gridhall.kit.ids import new_id
from gridhall.simulators.mailbox import Kind, Mailbox, Received, ReceivedFile


def mail(text: str) -> Received:
    return Received(
        id=new_id(),
        kind=Kind.MAIL,
        recipient="a@b.example",
        sender="gridhall",
        text=text,
        received_at=datetime(2026, 11, 1, tzinfo=UTC),
        reference=text,
        raw=b"\xff\x00raw",
        files=(ReceivedFile("e-bill.pdf", "application/pdf", b"%PDF\xff"),),
    )


def test_a_mailbox_on_a_folder_finds_what_an_earlier_one_received(tmp_path: Path) -> None:
    earlier = Mailbox(folder=tmp_path)
    for text in ("first", "second"):
        earlier.put(mail(text))
    assert Mailbox(folder=tmp_path).all() == earlier.all()
    assert [message.text for message in earlier.all()] == ["second", "first"]


def test_a_mailbox_without_a_folder_writes_nothing(tmp_path: Path) -> None:
    Mailbox().put(mail("only"))
    assert list(tmp_path.iterdir()) == []
