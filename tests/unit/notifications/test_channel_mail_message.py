from datetime import UTC, datetime
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default as default_policy
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.notifications.channels.mail_message import compose, is_address, parse_sender
from gridhall.notifications.channels.port import Attachment, MailContent

DELIVERY = UUID("0192f0c1-0000-7000-8000-000000000001")
SENDER = Address("格里供电", addr_spec="e-bill@gridhall.example")


def sent(content: MailContent) -> EmailMessage:
    mail = compose(
        content,
        delivery_id=DELIVERY,
        recipient="wang@customer.example",
        sender=SENDER,
        now=datetime(2026, 11, 3, 1, 2, 3, tzinfo=UTC),
    )
    return message_from_bytes(mail.as_bytes(), policy=default_policy)


class TestWhatArrives:
    def test_both_bodies_and_the_pdf_survive_the_wire(self) -> None:
        content = MailContent(
            "电费账单",
            "应缴 364.92 元",
            "<p>应缴 364.92 元</p>",
            (Attachment("账单.pdf", "application/pdf", b"%PDF\x00\xff"),),
        )
        mail = sent(content)
        plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
        assert plain is not None
        assert html is not None
        assert plain.get_content().strip() == "应缴 364.92 元"
        assert html.get_content().strip() == "<p>应缴 364.92 元</p>"
        (pdf,) = mail.iter_attachments()
        assert (pdf.get_filename(), pdf.get_content()) == ("账单.pdf", b"%PDF\x00\xff")

    def test_the_message_id_is_our_delivery_id(self) -> None:
        assert sent(MailContent("a", "b"))["Message-ID"] == f"<{DELIVERY}@gridhall.example>"

    def test_it_says_that_no_person_wrote_it(self) -> None:
        assert sent(MailContent("a", "b"))["Auto-Submitted"] == "auto-generated"

    def test_only_seven_bit_bytes_are_sent(self) -> None:
        mail = compose(
            MailContent("㛃𠮷", "㛃𠮷" * 500, "<p>㛃𠮷</p>"),
            delivery_id=DELIVERY,
            recipient="wang@customer.example",
            sender=SENDER,
            now=datetime(2026, 11, 3, tzinfo=UTC),
        )
        assert mail.as_bytes().isascii()


class TestHeaderInjection:
    @given(st.text(max_size=80), st.text(max_size=40))
    def test_no_subject_or_file_name_adds_a_header(self, subject: str, filename: str) -> None:
        hostile = subject + "\r\nBcc: thief@evil.example\r\n\r\n" + filename
        try:
            mail = sent(MailContent(hostile, "b", attachments=(Attachment(hostile, "application/pdf", b""),)))
        except UnicodeEncodeError:  # lone surrogates are no text at all
            return
        assert mail["Bcc"] is None
        assert set(mail) == {
            "From",
            "To",
            "Subject",
            "Date",
            "Message-ID",
            "Auto-Submitted",
            "MIME-Version",
            "Content-Type",
        }

    @pytest.mark.parametrize(
        "address",
        [
            "a@b.example\r\nBcc: c@d.example",
            "a@b.example, c@d.example",
            "Wang <a@b.example>",
            "a@b.example\n",
            "a b@c.example",
            "@b.example",
            "a@b",
            "王@客户.example",
            "a@" + "b" * 260 + ".example",
            "",
        ],
    )
    def test_what_is_not_exactly_one_address_is_none(self, address: str) -> None:
        assert not is_address(address)

    def test_a_common_address_is_one(self) -> None:
        assert is_address("wang.xiao+bills@mail.customer.example")


class TestSender:
    def test_a_sender_without_an_address_is_refused(self) -> None:
        with pytest.raises(ValueError, match="mail_sender"):
            parse_sender("gridhall")
