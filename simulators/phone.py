"""The phone: one page on which a person sees the messages that customers received, and what the page asks for."""

import json
import re
from uuid import UUID

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from gridhall.simulators.mailbox import Mailbox, Received
from gridhall.simulators.pages import page
from gridhall.simulators.people import People, Person
from gridhall.simulators.phone_view import message_view, people_view

_MOST_PEOPLE = 200
_MOST_MESSAGES = 100
_HEAD = re.compile(r"<head[^>]*>", re.IGNORECASE)
_PUT_BEFORE_A_MAIL = '<base target="_blank"><link rel="stylesheet" href="/assets/fonts.css">'
"""Links of a mail open beside the phone instead of inside it; its Chinese is set in the phone's system font."""

_SHOWN_INLINE = frozenset({"application/pdf", "image/png", "image/jpeg"})

_MAIL_HEADERS = {
    "Content-Security-Policy": (
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'self' 'unsafe-inline'; "
        "font-src 'self'; img-src data:; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
"""A mail is foreign text: it may look as it likes, but runs nothing, loads nothing and reads nothing of ours."""


class Phone:
    """The page and its answers."""

    def __init__(self, *, mailbox: Mailbox, people: People) -> None:
        self._mailbox = mailbox
        self._people = people

    def routes(self) -> list[Route]:
        """Return what is served, under /phone."""
        return [
            Route("/phone", self.show, methods=["GET"]),
            Route("/phone/people", self.list_people, methods=["GET"]),
            Route("/phone/people", self.register, methods=["POST"]),
            Route("/phone/messages", self.list_messages, methods=["GET"]),
            Route("/phone/messages/{id:uuid}/body", self.mail_body, methods=["GET"]),
            Route("/phone/messages/{id:uuid}/files/{index:int}/{filename}", self.file, methods=["GET"]),
        ]

    async def show(self, _request: Request) -> Response:
        """Show the page."""
        return page("phone.html")

    async def register(self, request: Request) -> Response:
        """Take `[{name, phone, mail}]`: which phone number and mail address belong to one person."""
        try:
            people = [_person(entry) for entry in _entries(await request.body())]
        except BadPersonError as bad:
            return JSONResponse({"error": str(bad)}, status_code=422)
        for person in people:
            self._people.add(person)
        return JSONResponse({"registered": len(people)})

    async def list_people(self, request: Request) -> Response:
        """Answer who received something, or is known, and matches `q`; at most 200."""
        found = people_view(
            self._people.with_messages(self._mailbox.all()), query=request.query_params.get("q", ""), limit=_MOST_PEOPLE
        )
        return JSONResponse(found)

    async def list_messages(self, request: Request) -> Response:
        """Answer the newest 100 messages of the person whom the address `of` belongs to."""
        person = self._people.who(request.query_params.get("of", ""))
        messages = self._mailbox.of(person.addresses)[:_MOST_MESSAGES]
        return JSONResponse({"messages": [message_view(message) for message in messages]})

    async def mail_body(self, request: Request) -> Response:
        """Answer the HTML of a mail, for a frame that trusts it with nothing."""
        message = self._message(request)
        if message is None or message.html is None:
            return _nothing()
        return HTMLResponse(_as_on_a_phone(message.html), headers=_MAIL_HEADERS)

    async def file(self, request: Request) -> Response:
        """Answer an attachment, inline where a browser can show it."""
        message, index = self._message(request), request.path_params["index"]
        if message is None or index >= len(message.files):
            return _nothing()
        file = message.files[index]
        is_shown = file.media_type in _SHOWN_INLINE
        return Response(
            file.content,
            media_type=file.media_type if is_shown else "application/octet-stream",
            headers={
                "Content-Disposition": "inline" if is_shown else "attachment",
                "X-Content-Type-Options": "nosniff",
            },
        )

    def _message(self, request: Request) -> Received | None:
        wanted: UUID = request.path_params["id"]
        return self._mailbox.get(wanted)


def _as_on_a_phone(html: str) -> str:
    head = _HEAD.search(html)
    at = head.end() if head else 0
    return html[:at] + _PUT_BEFORE_A_MAIL + html[at:]


def _entries(body: bytes) -> list[object]:
    try:
        entries = json.loads(body)
    except ValueError:
        raise BadPersonError("body: not JSON") from None
    if not isinstance(entries, list):
        raise BadPersonError("body: only a list of people is taken")
    return entries


def _person(entry: object) -> Person:
    if not isinstance(entry, dict):
        raise BadPersonError("person: only an object with name, phone and mail is taken")
    name, phone, mail = entry.get("name"), entry.get("phone"), entry.get("mail")
    if not isinstance(name, str) or not all(isinstance(value, str | None) for value in (phone, mail)):
        raise BadPersonError("person: name, phone and mail are texts; phone or mail may be absent")
    if not phone and not mail:
        raise BadPersonError(f"person {name!r}: a phone number or a mail address is needed")
    return Person(name=name, phone=phone, mail=mail)


def _nothing() -> Response:
    return JSONResponse({"error": "no such message or file"}, status_code=404)


class BadPersonError(ValueError):
    """An entry of the register of people that is not taken; the text says what is allowed."""
