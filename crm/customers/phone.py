"""Phone numbers as people write them, in one form."""

import re

_NOISE = re.compile(r"[\s\-()]")
_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_COUNTRY = ("+86", "0086")


def normal_phone(text: str) -> str:
    """Return a mainland mobile number as its 11 digits. Raises BadPhoneError where the text is none."""
    bare = _NOISE.sub("", text)
    for prefix in _COUNTRY:
        bare = bare.removeprefix(prefix)
    if not _MOBILE.fullmatch(bare):
        raise BadPhoneError
    return bare


def masked_phone(phone: str) -> str:
    """Return a number of which only the ends show: 138****0001."""
    return f"{phone[:3]}****{phone[-4:]}"


class BadPhoneError(ValueError):
    """A text that is no mobile number. The text itself is not repeated: it may be somebody's."""

    def __init__(self) -> None:
        super().__init__("phone: must be a mainland mobile number of 11 digits that begins with 13 to 19")
