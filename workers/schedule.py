"""What beat starts, and how often. Every entry expires before the next, so that none piles up."""

from typing import Final

from celery.schedules import crontab

from gridhall.workers import names

_HALF_A_DAY: Final = 12 * 3600

BEAT = {
    "relay": {"task": names.RELAY, "schedule": 1.0, "options": {"expires": 5}},
    "sweep-outbox": {"task": names.SWEEP_OUTBOX, "schedule": 10.0, "options": {"expires": 10}},
    "sweep-deliveries": {"task": names.SWEEP_DELIVERIES, "schedule": 15.0, "options": {"expires": 15}},
    # 09:00 in Asia/Shanghai: after the night's payments arrived, in the hours in which people may be disturbed.
    "arrears": {
        "task": names.SCAN_ARREARS,
        "schedule": crontab(hour="1", minute="0"),
        "options": {"expires": _HALF_A_DAY},
    },
    # 07:00 in Asia/Shanghai: after the night's day files, before the agents come. What changed in between is judged
    # at noon.
    "vee": {
        "task": names.RUN_VEE,
        "schedule": crontab(hour="23,4", minute="0"),
        "options": {"expires": _HALF_A_DAY // 4},
    },
    # 00:20 in Asia/Shanghai: today's lists are mended and tomorrow's made, before anybody sets out.
    "worklists": {
        "task": names.MAKE_WORKLISTS,
        "schedule": crontab(hour="16", minute="20"),
        "options": {"expires": _HALF_A_DAY},
    },
    # 10:00 in Asia/Shanghai: what the night's collection missed was asked for again by then.
    "silent-meters": {
        "task": names.SPREAD_SILENT,
        "schedule": crontab(hour="2", minute="0"),
        "options": {"expires": _HALF_A_DAY},
    },
    "replay-exchanges": {"task": names.REPLAY_EXCHANGES, "schedule": 60.0, "options": {"expires": 60}},
    "tips": {
        "task": names.SPREAD_TIPS,
        "schedule": crontab(hour="2", minute="0", day_of_month="5"),
        "options": {"expires": _HALF_A_DAY},
    },
    # 03:30 in Asia/Shanghai: the day before has mostly arrived, and what has not is told as missing.
    "irregular": {
        "task": names.SPREAD_IRREGULAR,
        "schedule": crontab(hour="19", minute="30"),
        "options": {"expires": _HALF_A_DAY},
    },
    # 10:00 in Asia/Shanghai: the day before has arrived, and people may be disturbed.
    "projected-bills": {
        "task": names.LOOK_AT_BILLS,
        "schedule": crontab(hour="2", minute="0"),
        "options": {"expires": _HALF_A_DAY},
    },
    # 02:00 in Asia/Shanghai on the first nights of a month, while late readings of the last one still come.
    "similar-homes": {
        "task": names.COUNT_HOMES,
        "schedule": crontab(hour="18", minute="0", day_of_month="1-10"),
        "options": {"expires": _HALF_A_DAY},
    },
    # 04:00 in Asia/Shanghai. A month's pass is done once; a daily beat goes on with one that broke off.
    "retention": {
        "task": names.SPREAD_RETENTION,
        "schedule": crontab(hour="20", minute="0"),
        "options": {"expires": _HALF_A_DAY},
    },
}
