"""How many messages a customer allowed us to send by WeChat."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Consent:
    """What a customer allowed of one template.

    template: our key of it, the kind of notification. credits: messages that may still go out; of a long-term
    template any number above zero means that it is allowed until taken back.
    """

    template: str
    template_id: str
    credits: int
    long_term: bool
