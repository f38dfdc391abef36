"""What a peer would have in its own configuration: titles, tiers and words, taken from gridhall's catalogues."""

from datetime import date

from gridhall.billing.regions import regions
from gridhall.billing.tariffs import catalogue
from gridhall.kit.words import LANGUAGES, Words

_LANGUAGE = LANGUAGES[0]
_PLACES = ("account", "month", "kwh", "total", "to_pay", "due_on")


def for_peers(*, tariff: str, today: date) -> dict[str, object]:
    """Return titles of regions, title and tiers of a yearly tariff, and the words of an issued bill."""
    version, words = catalogue.version(tariff, on=today), Words(["gridhall.notifications"])
    # Places are filled by themselves, so the words come out as they stand in the catalogue.
    places = {place: f"{{{place}}}" for place in _PLACES}
    return {
        "regions": {code: place.title[_LANGUAGE] for code, place in regions().items()},
        "tariffs": {
            tariff: {
                "title": catalogue.tariff(tariff).title.zh,
                "tiers": [
                    {"upto": None if tier.upto_kwh is None else str(tier.upto_kwh), "surcharge": str(tier.surcharge)}
                    for tier in version.tiers_in(today.month)
                ],
            }
        },
        "words": {
            part: words.say(f"message.bill_issued.{part}", language=_LANGUAGE, params=places)
            for part in ("title", "text")
        },
    }
