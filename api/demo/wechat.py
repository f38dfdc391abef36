"""Some residents use the mini-program: signed in by WeChat, linked by its number, one message of each kind allowed.

All of it goes through the front door, as the mini-program would.
"""

from collections.abc import Sequence
from typing import Any

import httpx

from gridhall.api.demo.people import Resident
from gridhall.kit.ids import new_id

_CONSENTS = "{ viewer { wechat { consents { template templateId } } } }"
_REPORT = """mutation ($input: ReportConsentInput!) { reportConsent(input: $input) { __typename } }"""


def use_mini_program(people: Sequence[Resident], *, api_url: str, wechat_url: str) -> None:
    """Sign residents in by WeChat and let each allow one message of every template; at every start once more."""
    with httpx.Client(timeout=30) as http:
        for one in people:
            _use(http, one.phone, api_url, wechat_url)


def _use(http: httpx.Client, phone: str, api_url: str, wechat_url: str) -> None:
    code = _post(http, f"{wechat_url}/demo/login", {"phone": phone})["js_code"]
    signed_in = _post(http, f"{api_url}/v1/sign-in/wechat", {"code": code})
    if "link_ticket" in signed_in:
        shown = _post(http, f"{wechat_url}/demo/phone", {"phone": phone})["code"]
        proof = {"ticket": signed_in["link_ticket"], "phone_code": shown}
        signed_in = _post(http, f"{api_url}/v1/sign-in/wechat/link", proof)
    http.headers["Authorization"] = f"Bearer {signed_in['access_token']}"
    asked = _post(http, f"{api_url}/graphql", {"query": _CONSENTS})
    templates = {one["template"]: one["templateId"] for one in asked["data"]["viewer"]["wechat"]["consents"]}
    for template_id in templates.values():
        _post(http, f"{wechat_url}/demo/allow", {"phone": phone, "template_id": template_id})
    report = {"templates": list(templates), "idempotencyKey": str(new_id())}
    _post(http, f"{api_url}/graphql", {"query": _REPORT, "variables": {"input": report}})
    del http.headers["Authorization"]


def _post(http: httpx.Client, url: str, body: dict[str, object]) -> dict[str, Any]:
    answer = http.post(url, json=body)
    answer.raise_for_status()
    told: dict[str, Any] = answer.json()
    return told
