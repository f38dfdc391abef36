"""What beat starts, and how often. Every entry expires before the next, so that none piles up."""

from typing import Final

from celery.schedules import crontab

from gridhall.workers import names

_HALF_A_DAY: Final = 12 * 3600

Entry = dict[str, object]


def _often(task: str, *, seconds: float, expires: float) -> Entry:
    return {"task": task, "schedule": seconds, "options": {"expires": expires}}


def _at(task: str, utc: str, *, days: str = "*", expires: float = _HALF_A_DAY) -> Entry:
    """Start a task at a time of the day, or at several hours of it; days: of the month."""
    hours, _, minute = utc.partition(":")
    schedule = crontab(hour=hours, minute=minute, day_of_month=days)
    return {"task": task, "schedule": schedule, "options": {"expires": expires}}


BEAT: Final[dict[str, Entry]] = {
    "relay": _often(names.RELAY, seconds=1, expires=5),
    "sweep-outbox": _often(names.SWEEP_OUTBOX, seconds=10, expires=10),
    "sweep-deliveries": _often(names.SWEEP_DELIVERIES, seconds=15, expires=15),
    "replay-exchanges": _often(names.REPLAY_EXCHANGES, seconds=60, expires=60),
    "ask-providers": _often(names.ASK_PROVIDERS, seconds=20, expires=20),
    # Twice a minute, so that no minute of an outage is left without a try of every provider.
    "watch-providers": _often(names.WATCH_PROVIDERS, seconds=30, expires=30),
    "follow-refunds": _often(names.FOLLOW_REFUNDS, seconds=30, expires=30),
    "issue-invoices": _often(names.ISSUE_INVOICES, seconds=30, expires=30),
    "look-after-field": _often(names.LOOK_AFTER_FIELD, seconds=900, expires=900),
    # 08:30 and 14:30 in Asia/Shanghai: after the night's readings, and what was corrected since; quiet hours are over.
    "prepayment": _at(names.RUN_PREPAYMENT, "0,6:30", expires=_HALF_A_DAY // 3),
    # 10:20 to 18:20 in Asia/Shanghai: statements of the day before are promised from 10:00 on, and may be late.
    "reconcile": _at(names.RECONCILE, "2,3,4,5,6,8,10:20", expires=3600),
    # A region's day begins at nine of its own clock, once: after the night's payments arrived, in the hours in which
    # people may be disturbed. Whoever looks more often only finds it begun.
    "arrears": _often(names.SCAN_ARREARS, seconds=600, expires=600),
    "prove-notices": _often(names.PROVE_NOTICES, seconds=300, expires=300),
    # 07:00 in Asia/Shanghai: after the night's day files, before the agents come. What changed in between is judged
    # at noon.
    "vee": _at(names.RUN_VEE, "23,4:00", expires=_HALF_A_DAY // 4),
    # 07:40 in Asia/Shanghai: a supplier's bills whose readings came in the night are compared before anybody asks.
    "shadow": _at(names.COMPARE_SHADOW, "23:40"),
    # 00:20 in Asia/Shanghai: today's lists are mended and tomorrow's made, before anybody sets out.
    "worklists": _at(names.MAKE_WORKLISTS, "16:20"),
    # 10:00 in Asia/Shanghai: what the night's collection missed was asked for again by then.
    "silent-meters": _at(names.SPREAD_SILENT, "2:00"),
    "tips": _at(names.SPREAD_TIPS, "2:00", days="5"),
    # 03:30 in Asia/Shanghai: the day before has mostly arrived, and what has not is told as missing.
    "irregular": _at(names.SPREAD_IRREGULAR, "19:30"),
    # 10:00 in Asia/Shanghai: the day before has arrived, and people may be disturbed.
    "projected-bills": _at(names.LOOK_AT_BILLS, "2:00"),
    # 02:00 in Asia/Shanghai on the first nights of a month, while late readings of the last one still come.
    "similar-homes": _at(names.COUNT_HOMES, "18:00", days="1-10"),
    # 04:00 in Asia/Shanghai. A month's pass is done once; a daily beat goes on with one that broke off.
    "retention": _at(names.SPREAD_RETENTION, "20:00"),
}
