"""The registry of what can be said: complete in both languages, and every message survives the ledger."""

import json
import re
from dataclasses import FrozenInstanceError, fields, replace
from string import Formatter

import pytest

from gridhall.kit.words import LANGUAGES, Words
from gridhall.notifications.catalogue import BillIssued, CodeAsked, Kind, Notification, Registry, Urgency, Way
from gridhall.notifications.catalogue.registry import Category, notification, words_key
from gridhall.notifications.sending.compose import as_mail, as_sms, compose
from gridhall.notifications.services import SMS_TEMPLATES
from gridhall.simulators.sms_gateway import approved_templates


def wordings(example: Notification) -> list[Notification]:
    """The example in each of its variants, whether it is given one or its figures make one, or as it is."""
    if isinstance(example, BillIssued):
        return [example, replace(example, to_pay=0)]
    return [replace(example, variant=one) for one in getattr(example, "variants", ())] or [example]  # type: ignore[type-var, misc]


EXAMPLES = [
    pytest.param(kind, wording, id=words_key(wording))
    for kind, example in Registry.examples()
    for wording in wordings(example)
]
WORDS = Words(["gridhall.notifications"])

every_kind = pytest.mark.parametrize(("kind", "example"), EXAMPLES)
every_language = pytest.mark.parametrize("language", LANGUAGES)


def test_every_message_of_the_catalogue_is_registered() -> None:
    assert {kind.key for kind, _ in Registry.examples()} == {
        "arrears_reminder",
        "balance_crossed",
        "balance_notice",
        "bill_issued",
        "code_asked",
        "collection_failed",
        "refund_over",
        "cut_ahead",
        "dispute_answered",
        "energy_tip",
        "formal_notice",
        "invoice_ready",
        "payment_received",
        "projected_bill_high",
    }


@every_kind
def test_an_example_survives_the_ledger(kind: Kind, example: Notification) -> None:
    packed = kind.pack(example)
    assert json.loads(json.dumps(packed)) == packed
    assert kind.unpack(packed) == example
    assert Registry.of(example) is kind is Registry.keyed(kind.key)


@every_kind
def test_a_message_is_frozen(kind: Kind, example: Notification) -> None:
    name = fields(example)[0].name  # type: ignore[arg-type]
    with pytest.raises(FrozenInstanceError):
        setattr(example, name, kind)


@every_kind
@every_language
def test_every_message_has_a_title_a_text_and_a_label_for_each_fact(
    kind: Kind, example: Notification, language: str
) -> None:
    composed = compose(example, words=WORDS, language=language)
    assert composed.title
    assert composed.text
    assert len(composed.facts) == len(kind.facts)
    assert all(label and value for label, value in composed.facts)
    assert "{" not in composed.title + composed.text


@every_kind
@every_language
def test_words_and_facts_use_only_what_the_message_knows(kind: Kind, example: Notification, language: str) -> None:
    params = example.params(language)
    assert set(kind.facts) <= set(params)
    assert all(isinstance(value, str) for value in params.values())
    messages = WORDS._languages[language]
    for part in ("title", "text"):
        text = messages.gettext(f"{words_key(example)}.{part}")
        assert {name for _, name, _, _ in Formatter().parse(text) if name} <= set(params)


@every_kind
def test_no_word_of_the_catalogue_is_left_over(kind: Kind, example: Notification) -> None:
    del example
    said = [wording for _, one in Registry.examples() for wording in wordings(one)]
    used = {f"{words_key(one)}.{part}" for one in said for part in ("title", "text")}
    used |= {f"fact.{name}" for one, _ in Registry.examples() for name in one.facts}
    assert kind.key
    assert WORDS.keys("en") - used == {"mail.footer", "mail.greeting"}


def test_every_message_that_goes_by_sms_has_an_approved_template_that_it_can_fill() -> None:
    approved = approved_templates()
    for kind, example in [(kind, one) for kind, said in Registry.examples() for one in wordings(said)]:
        if Way.SMS in (*kind.ways, *kind.chain):
            content = as_sms(example, templates=SMS_TEMPLATES, language="zh-CN")
            needed = set(re.findall(r"\$\{(\w+)\}", approved[content.template_code]))
            assert needed
            assert needed <= set(content.params)
            assert not any(sign in value for value in content.params.values() for sign in "¥￥")


def test_a_code_never_comes_to_an_inbox_and_waits_for_no_morning() -> None:
    kind = Registry.of(CodeAsked.example())
    assert (kind.ways, kind.urgency) == ((Way.SMS,), Urgency.URGENT)


def test_a_key_is_registered_once() -> None:
    register = notification("bill_issued", category=Category.BILLING, urgency=Urgency.ROUTINE, ways=(Way.INBOX,))
    with pytest.raises(ValueError, match="bill_issued is registered twice"):
        register(CodeAsked)


@every_kind
def test_a_mail_says_the_same_as_text_and_as_html(kind: Kind, example: Notification) -> None:
    mail = as_mail(compose(example, words=WORDS, language="en"), words=WORDS)
    assert mail.html is not None
    for value in (example.params("en")[name] for name in kind.facts):
        assert value in mail.text
        assert value in mail.html
