"""Every code that a legal file may hold has its Chinese words, and every sentence both languages."""

import tomllib
from enum import StrEnum
from importlib import resources

import pytest

from gridhall.billing.arrears.agreements.model import AgreementKind, AgreementState
from gridhall.billing.arrears.collecting.model import ContactWay, Outcome
from gridhall.billing.arrears.cutting import gate, policies
from gridhall.billing.arrears.cutting.model import NoticeKind, ProofWay
from gridhall.billing.arrears.disputes.model import DisputeState
from gridhall.billing.arrears.notes import CUT_APPROVED, PENALTY_LOWERED, Form, Said, read
from gridhall.billing.arrears.outages.model import CHANNELS
from gridhall.billing.arrears.policies import SupplyClass
from gridhall.billing.arrears.shielding import Shield
from gridhall.billing.arrears.states import Event, State
from gridhall.billing.bills.model import BillStatus
from gridhall.billing.field.operations import NOT_TAKEN
from gridhall.billing.ledger.model import PostingKind
from gridhall.billing.supply.model import SupplyKind, SupplyState
from gridhall.kit.settings import Settings
from gridhall.kit.subject import Refusal

FILES = resources.files("gridhall.notifications.dossier")
WORDS = tomllib.loads(FILES.joinpath("words.toml").read_text())
NOTED = {CUT_APPROVED, "authority_told", PENALTY_LOWERED}
"""What a history notes beside the events of the table."""

CHANNELS_NAMED = {*CHANNELS, *Settings.model_fields["pay_providers"].default}
REFUSALS = {"arrears.cut_hours", "arrears.cut_too_early", NOT_TAKEN} | {
    one.code for room in (gate, policies) for one in vars(room).values() if isinstance(one, Refusal)
}
"""Why a cut that was approved is not made."""

NAMED: dict[str, set[str]] = {
    "classes": set(SupplyClass),
    "states": set(State),
    "events": {*Event, *NOTED},
    "notes": set(Form),
    "shields": set(Shield),
    "channels": CHANNELS_NAMED,
    "refusals": REFUSALS,
    "notice_kinds": set(NoticeKind),
    "ways": set(ProofWay),
    "contact_ways": set(ContactWay),
    "outcomes": set(Outcome),
    "agreement_kinds": set(AgreementKind),
    "agreement_states": set(AgreementState),
    "dispute_states": set(DisputeState),
    "supply_kinds": set(SupplyKind),
    "supply_states": set(SupplyState),
    "statuses": {status for status in BillStatus if status.shown},
    "posting_kinds": set(PostingKind),
}


@pytest.mark.parametrize("table", NAMED)
def test_every_code_has_a_name_and_no_name_is_left_over(table: str) -> None:
    assert WORDS[table].keys() == {str(code) for code in NAMED[table]}


def test_every_sentence_is_said_in_both_languages_and_used() -> None:
    sentences = {key: word for key, word in WORDS.items() if key not in NAMED}
    assert all(word.keys() == {"zh", "en"} and all(word.values()) for word in sentences.values())
    template = FILES.joinpath("template.typ").read_text()
    of_kinds = {f"line_{kind}" for kind in NoticeKind}
    assert {key for key in sentences if f'"{key}"' not in template} == of_kinds


def test_what_is_named_are_codes() -> None:
    assert all(
        isinstance(code, StrEnum) or code in NOTED | CHANNELS_NAMED | REFUSALS
        for codes in NAMED.values()
        for code in codes
    )


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_why_a_cut_was_called_off_is_read_from_its_note(code: str) -> None:
    assert read(Event.CUT_DECLINED, code) == Said(Form.CALLED_OFF, {"code": code})
