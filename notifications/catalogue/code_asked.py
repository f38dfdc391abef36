"""A one-time code was asked for. The only message that never goes to the inbox."""

from collections.abc import Mapping
from dataclasses import dataclass

from gridhall.notifications.catalogue.registry import Category, Urgency, Way, notification


@notification("code_asked", category=Category.SECURITY, urgency=Urgency.URGENT, ways=(Way.SMS,))
@dataclass(frozen=True, slots=True)
class CodeAsked:
    """The digits that prove that somebody holds a phone, and for how many minutes they do."""

    digits: str
    minutes: int

    def params(self, language: str) -> Mapping[str, str]:
        """Return what fills the words and the SMS template."""
        del language
        return {"code": self.digits, "minutes": str(self.minutes)}

    @classmethod
    def example(cls) -> "CodeAsked":
        """Return an example."""
        return cls("135790", 5)
