"""The mail channel against SMTP servers that behave, refuse, stall and hang up."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from prometheus_client import REGISTRY

from gridhall.kit.clock import SystemClock
from gridhall.notifications.channels.mail import MailChannel
from gridhall.notifications.channels.port import (
    MailContent,
    OutgoingMessage,
    SendResult,
    SendState,
    SmsContent,
    WrongContentError,
)
from gridhall.simulators.app import running

HANG = ""
CUT = "cut"


def channel(port: int, *, timeout_seconds: float = 5) -> MailChannel:
    return MailChannel(
        host="127.0.0.1",
        port=port,
        sender="格里供电 <e-bill@gridhall.example>",
        timeout_seconds=timeout_seconds,
        clock=SystemClock(),
    )


def mail_to(recipient: str) -> OutgoingMessage:
    return OutgoingMessage(uuid4(), recipient, MailContent("电费账单", "您好", "<p>您好</p>"))


@asynccontextmanager
async def smtp_that_says(answers: Mapping[str, str]) -> AsyncIterator[int]:
    """Serve SMTP that answers as told: by verb, `HELLO` for the greeting, `BODY` for the end of the data."""

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def answer(verb: str, default: str) -> bool:
            said = answers.get(verb, default)
            if said == HANG:
                await reader.read()
            elif said != CUT:
                writer.write(said.encode() + b"\r\n")
                return True
            writer.close()
            return False

        goes_on = await answer("HELLO", "220 ready")
        while goes_on and (line := await reader.readline()):
            verb = line.split()[0].decode().upper()
            goes_on = await answer(verb, "354 go on" if verb == "DATA" else "250 fine")
            if verb == "DATA" and goes_on and answers.get("DATA", "354").startswith("354"):
                await reader.readuntil(b"\r\n.\r\n")
                goes_on = await answer("BODY", "250 kept")
        writer.close()

    server = await asyncio.start_server(converse, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def outcome(answers: Mapping[str, str], *, timeout_seconds: float = 5) -> SendResult:
    async with smtp_that_says(answers) as port:
        return await channel(port, timeout_seconds=timeout_seconds).send(mail_to("wang@customer.example"))


class TestRealServer:
    async def test_a_mail_that_was_taken_is_sent_under_its_message_id(self) -> None:
        message = mail_to("wang@customer.example")
        async with running(sms_access_key_id="k", sms_access_key_secret="s") as stands:
            result = await channel(stands.smtp_port).send(message)
        assert result == SendResult(SendState.SENT, f"<{message.delivery_id}@gridhall.example>")

    async def test_an_unknown_mailbox_is_not_written_to_again(self) -> None:
        async with running(sms_access_key_id="k", sms_access_key_secret="s") as stands:
            result = await channel(stands.smtp_port).send(mail_to("nobody@customer.example"))
        assert (result.state, result.reason, result.suppress_recipient) == (SendState.FAILED, "smtp-550", True)


class TestRefusals:
    async def test_a_full_mailbox_is_tried_later(self) -> None:
        assert (await outcome({"RCPT": "452 mailbox full"})).state is SendState.RETRY

    async def test_a_refused_text_fails_but_leaves_the_address_alone(self) -> None:
        result = await outcome({"BODY": "554 looks like spam"})
        assert (result.state, result.suppress_recipient) == (SendState.FAILED, False)

    async def test_a_refused_sender_fails_but_leaves_the_address_alone(self) -> None:
        result = await outcome({"MAIL": "550 not from you"})
        assert (result.state, result.suppress_recipient) == (SendState.FAILED, False)

    @pytest.mark.parametrize("greeting", ["421 busy", "554 go away"])
    async def test_a_server_that_takes_nobody_is_tried_later(self, greeting: str) -> None:
        assert (await outcome({"HELLO": greeting})).state is SendState.RETRY

    async def test_what_is_no_address_never_reaches_a_server(self) -> None:
        result = await channel(1).send(mail_to("a@b.example\r\nRCPT TO:<c@d.example>"))
        assert (result.state, result.reason) == (SendState.FAILED, "not-an-address")


class TestSilence:
    async def test_a_server_that_is_not_there_is_tried_later(self) -> None:
        assert (await channel(1).send(mail_to("wang@customer.example"))).state is SendState.RETRY

    @pytest.mark.parametrize("verb", ["HELLO", "EHLO", "RCPT"])
    async def test_silence_before_the_text_means_that_nothing_was_sent(self, verb: str) -> None:
        result = await outcome({verb: HANG}, timeout_seconds=0.3)
        assert (result.state, result.reason) == (SendState.RETRY, "smtp-timeout")

    async def test_silence_after_the_text_is_unknown(self) -> None:
        result = await outcome({"BODY": HANG}, timeout_seconds=0.3)
        assert (result.state, result.reason) == (SendState.UNKNOWN, "smtp-timeout")
        assert result.provider_reference is not None

    async def test_a_line_cut_after_the_text_is_unknown(self) -> None:
        result = await outcome({"BODY": CUT})
        assert (result.state, result.reason) == (SendState.UNKNOWN, "smtp-connection-lost")

    async def test_a_mail_that_was_taken_is_sent_even_without_a_goodbye(self) -> None:
        assert (await outcome({"QUIT": CUT})).state is SendState.SENT


class TestTheChannelItself:
    async def test_a_text_message_is_a_mistake(self) -> None:
        with pytest.raises(WrongContentError, match="mail cannot carry SmsContent"):
            await channel(1).send(OutgoingMessage(uuid4(), "wang@customer.example", SmsContent("SMS_CODE_ASKED")))

    async def test_every_attempt_is_counted_by_its_outcome(self) -> None:
        labels = {"channel": "mail", "state": "retry"}
        before = REGISTRY.get_sample_value("gridhall_delivery_attempts_total", labels) or 0
        await channel(1).send(mail_to("wang@customer.example"))
        assert REGISTRY.get_sample_value("gridhall_delivery_attempts_total", labels) == before + 1
