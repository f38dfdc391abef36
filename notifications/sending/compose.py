"""From a notification to the words that a reader sees."""

from collections.abc import Mapping
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, select_autoescape

from gridhall.crm.wechat.templates import Template
from gridhall.kit.words import Words
from gridhall.notifications.catalogue import Notification, Registry
from gridhall.notifications.catalogue.registry import words_key
from gridhall.notifications.channels.port import Attachment, MailContent, SmsContent, WeChatContent
from gridhall.notifications.channels.wechat_fields import filled

_layouts = Environment(
    loader=PackageLoader("gridhall.notifications", "layouts"),
    autoescape=select_autoescape(["html.j2"], default_for_string=True),
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Composed:
    """A notification in one language: a title, a sentence or two, and its facts as (label, value)."""

    language: str
    title: str
    text: str
    facts: tuple[tuple[str, str], ...]


def compose(notification: Notification, *, words: Words, language: str) -> Composed:
    """Say a notification in a language."""
    kind = Registry.of(notification)
    key = words_key(notification)
    params = notification.params(language)
    return Composed(
        language=language,
        title=words.say(f"{key}.title", language=language, params=params),
        text=words.say(f"{key}.text", language=language, params=params),
        facts=tuple((words.say(f"fact.{name}", language=language), params[name]) for name in kind.facts),
    )


def as_mail(composed: Composed, *, words: Words, attachments: tuple[Attachment, ...] = ()) -> MailContent:
    """Lay a composed notification out as a mail."""
    shown = {
        "message": composed,
        "greeting": words.say("mail.greeting", language=composed.language),
        "footer": words.say("mail.footer", language=composed.language),
    }
    return MailContent(
        subject=composed.title,
        text=_layouts.get_template("mail.txt.j2").render(shown),
        html=_layouts.get_template("mail.html.j2").render(shown),
        attachments=attachments,
    )


def as_sms(notification: Notification, *, templates: Mapping[str, str], language: str) -> SmsContent:
    """Fill the carrier-approved template of a notification; a wording of its own may have one of its own."""
    key = words_key(notification).removeprefix("message.")
    template = templates.get(key) or templates[Registry.of(notification).key]
    return SmsContent(template_code=template, params=notification.params(language))


def as_wechat(notification: Notification, *, template: Template, words: Words, language: str) -> WeChatContent:
    """Fill the subscribe-message template of a notification, each value cut to the rule of its field."""
    title = compose(notification, words=words, language=language).title
    values = {**notification.params(language), "title": title}
    return WeChatContent(template.id, template.page, filled(template.fields, values))
