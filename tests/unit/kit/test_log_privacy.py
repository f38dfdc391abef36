"""What a log line may tell. In a process of its own, since logging is configured once for all."""

import json
import subprocess
import sys

FAILING = """
import logging
from gridhall.kit import log

def call(phone):
    raise ValueError("it went wrong")

log.configure(level="INFO")
with log.request("req-1"):
    for tell in (log.logger("crm").exception, logging.getLogger("library").exception):
        try:
            call("13800000001")
        except ValueError:
            tell("a call failed")
"""


def test_a_traceback_tells_where_and_never_the_values_of_variables() -> None:
    ran = subprocess.run((sys.executable, "-c", FAILING), check=True, capture_output=True, text=True)  # noqa: S603 - our own words
    lines = [json.loads(line) for line in ran.stderr.splitlines()]
    assert [line["event"] for line in lines] == ["a call failed"] * 2
    assert [line["request_id"] for line in lines] == ["req-1"] * 2
    assert all(line["exception"][0]["exc_value"] == "it went wrong" for line in lines)
    assert "13800000001" not in ran.stderr
