"""An explanation in words, of the catalogue of billing."""

from gridhall.billing.bills.explaining.model import Step
from gridhall.billing.tariffs import catalogue
from gridhall.kit.words import LANGUAGES, Words
from gridhall.metering.calendars.catalogue import calendar, period_titles
from gridhall.metering.calendars.model import Title


def sentence(step: Step, *, words: Words, language: str) -> str:
    """Return what was counted in a step."""
    params = {
        **step.numbers,
        "period": _period(step, language),
        "tariff": _in(catalogue.tariff(step.version.code).title, language) if step.version else "",
    }
    if "status" in step.numbers:
        params["status"] = words.say(f"explain.status.{step.numbers['status']}", language=language)
    if "doubts" in step.numbers:
        kinds = (words.say(f"explain.doubt.{one}", language=language) for one in step.numbers["doubts"].split(", "))
        params["doubts"] = ("、" if language == LANGUAGES[0] else ", ").join(kinds)
    said = words.say(f"explain.{step.section}.{step.code}", language=language, params=params)
    return said if step.holds is not False else words.say("explain.not_so", language=language, params={"said": said})


def title(section: str, *, words: Words, language: str) -> str:
    """Return the heading of a section."""
    return words.say(f"explain.{section}.title", language=language)


def _period(step: Step, language: str) -> str:
    if step.period is None:
        return ""
    titles = period_titles(calendar(step.version.calendar)) if step.version else {}
    return _in(titles[step.period], language) if step.period in titles else step.period


def _in(title: Title, language: str) -> str:
    return title.zh if language == LANGUAGES[0] else title.en
