"""What the page of the phone is told of people and messages, as plain data."""

from collections.abc import Mapping
from email.utils import parseaddr
from typing import Any
from urllib.parse import quote

from gridhall.simulators.mailbox import Kind, Received
from gridhall.simulators.people import Person

_PREVIEW = 80


def people_view(people: Mapping[Person, list[Received]], *, query: str, limit: int) -> dict[str, Any]:
    """Return the people who match `query` in name, phone number or mail address, and whether there are more."""
    wanted = "".join(query.split()).casefold()
    found = [
        _person_view(person, messages)
        for person, messages in people.items()
        if not wanted or any(wanted in text.casefold() for text in (person.name, *person.addresses))
    ]
    return {"people": found[:limit], "more": len(found) > limit}


def message_view(message: Received) -> dict[str, Any]:
    """Return one message; a mail's HTML and files are fetched by their addresses."""
    name, address = parseaddr(message.sender) if message.kind is Kind.MAIL else (message.sender, "")
    base = f"/phone/messages/{message.id}"
    return {
        "id": str(message.id),
        "kind": message.kind.value,
        "sender": name or address,
        "sender_address": address,
        "recipient": message.recipient,
        "subject": message.subject,
        "text": message.text,
        "facts": [{"label": label, "value": value} for label, value in message.facts],
        "preview": _preview(message),
        "at": message.received_at.isoformat(),
        "body_url": f"{base}/body" if message.html is not None else None,
        "files": [
            {
                "filename": file.filename,
                "media_type": file.media_type,
                "bytes": len(file.content),
                "url": f"{base}/files/{index}/{quote(file.filename.replace('/', '_'), safe='')}",
            }
            for index, file in enumerate(message.files)
        ],
    }


def _person_view(person: Person, messages: list[Received]) -> dict[str, Any]:
    newest = messages[0] if messages else None
    return {
        "key": person.key,
        "name": person.name,
        "phone": person.phone,
        "mail": person.mail,
        "sms": sum(1 for message in messages if message.kind is Kind.SMS),
        "mails": sum(1 for message in messages if message.kind is Kind.MAIL),
        "wechats": sum(1 for message in messages if message.kind is Kind.WECHAT),
        "preview": _preview(newest) if newest else "",
        "at": newest.received_at.isoformat() if newest else None,
    }


def _preview(message: Received) -> str:
    text = message.text if message.kind is Kind.SMS else message.subject or message.text
    return " ".join(text.split())[:_PREVIEW]
