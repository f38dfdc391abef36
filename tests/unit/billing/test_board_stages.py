"""Whatever a month waits for stands in a stage of the board, and is listed by the page of that stage."""

import re
from pathlib import Path

import gridhall.billing.bills.drafting
from gridhall.billing.bills.releasing import SENT_BACK
from gridhall.billing.board.model import STAGE_OF_WAIT

BILLING = Path(gridhall.billing.bills.drafting.__file__).parents[1]
OF_A_REBILL = {"earlier_months_moved", "later_month_written_off"}
"""What only a rebill waits for: whoever asked is told, and nothing is kept."""


def test_there_is_a_stage_for_every_wait_that_is_kept_and_none_for_another() -> None:
    sources = [file.read_text(encoding="utf-8") for file in BILLING.rglob("*.py")]
    codes = {code for text in sources for code in re.findall(r'Waiting\("([a-z_]+)"', text)}
    assert codes >= OF_A_REBILL
    assert STAGE_OF_WAIT.keys() == (codes - OF_A_REBILL) | {SENT_BACK}
