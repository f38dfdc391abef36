"""What the first screen of an app asks."""

from datetime import date, timedelta

import orjson

HOME = """
query Home($from: Date!, $to: Date!) {
  viewer {
    accounts {
      number region role
      balance { owed { yuan } prepaid { yuan } }
      tier { tier used remaining surcharge tariff { title } }
      usage(from: $from, to: $to, resolution: DAY) { total coverage labels kwh }
      bills(first: 1) { edges { node {
        month kwh status dueOn total { yuan }
        lines { kind period tier kwh price amount { yuan } }
      } } }
    }
    inbox(first: 3) { edges { node { kind at title text } } }
  }
}
"""
DAYS = 7


def body(today: date) -> bytes:
    """Return the request: the newest bill, the last seven days, three messages."""
    days = {"from": (today - timedelta(days=DAYS)).isoformat(), "to": today.isoformat()}
    return orjson.dumps({"query": HOME, "variables": days})
