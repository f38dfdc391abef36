"""What becomes of a case: by people only, along the table, with every step kept."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from gridhall.kit.subject import Refusal
from gridhall.metering.irregular.cases import rules
from gridhall.metering.irregular.cases.gathering import gathered
from gridhall.metering.irregular.cases.model import CONFIRMS, DISMISSES, UNDER_WAY, Case, Closing, Photo, State
from gridhall.metering.irregular.cases.rules import MOVES, Action, Actor
from tests.factories.cases import NOW, TODAY, WATCH, a_case, a_suspicion, evidence

INSPECTOR, LEADER = Actor("he.jun", NOW + timedelta(hours=1)), Actor("wu.gang", NOW + timedelta(hours=2))
PHOTO = Photo(UUID(int=9), "he.jun", NOW, "seal broken")


def in_state(state: State) -> Case:
    photos = (PHOTO,) if state is not State.OPEN else ()
    return replace(a_case(), state=state, inspector="he.jun", photos=photos)


def act(case: Case, action: Action) -> Case | Refusal:
    match action:
        case Action.ASSIGN:
            return rules.assigned(case, owner="li.na", due_on=TODAY, today=TODAY, actor=LEADER)
        case Action.START:
            return rules.started(case, actor=LEADER)
        case Action.ADD_PHOTO:
            return rules.with_photo(case, photo=replace(PHOTO, id=UUID(int=10)), actor=LEADER)
        case Action.CONFIRM:
            return rules.confirmed(case, closing=Closing.THEFT, note="bypassed", actor=LEADER, watch=WATCH)
        case Action.DISMISS:
            return rules.dismissed(case, closing=Closing.VACANT, note="nobody there", actor=LEADER, watch=WATCH)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("action", Action)
def test_an_action_leads_where_the_table_says_and_nowhere_else(state: State, action: Action) -> None:
    before = in_state(state)
    after = act(before, action)
    if (state, action) not in MOVES:
        assert after == rules.NOT_NOW
        return
    assert isinstance(after, Case)
    assert (after.state, after.revision) == (MOVES[state, action], before.revision + 1)
    last = after.history[-1]
    assert (last.by, last.what, last.at) == ("wu.gang", action, LEADER.now)
    assert after.changed_at == LEADER.now


def test_what_is_closed_stays_closed_and_nothing_is_confirmed_uninspected() -> None:
    assert not [state for state, _ in MOVES if state not in UNDER_WAY]
    assert {state for (state, action) in MOVES if action is Action.CONFIRM} == {State.INSPECTING}


class TestConfirming:
    def test_it_needs_a_photo(self) -> None:
        case = replace(in_state(State.INSPECTING), photos=())
        assert act(case, Action.CONFIRM) == rules.NO_PHOTO

    def test_who_inspected_cannot_also_confirm(self) -> None:
        case, fields = in_state(State.INSPECTING), {"closing": Closing.THEFT, "note": "bypassed"}
        assert rules.confirmed(case, actor=INSPECTOR, watch=WATCH, **fields) == rules.SAME_PERSON  # type: ignore[arg-type]
        alone = replace(WATCH, second_person=False)
        assert isinstance(rules.confirmed(case, actor=INSPECTOR, watch=alone, **fields), Case)  # type: ignore[arg-type]

    @pytest.mark.parametrize("closing", Closing)
    def test_only_findings_that_fit_close_it(self, closing: Closing) -> None:
        case = in_state(State.INSPECTING)
        confirmed = rules.confirmed(case, closing=closing, note="as found", actor=LEADER, watch=WATCH)
        dismissed = rules.dismissed(case, closing=closing, note="as found", actor=LEADER, watch=WATCH)
        assert (confirmed != rules.BAD_CLOSING) == (closing in CONFIRMS)
        assert (dismissed != rules.BAD_CLOSING) == (closing in DISMISSES)

    @pytest.mark.parametrize("note", ["", "  abc ", "x" * 501])
    def test_it_says_in_words_what_was_found(self, note: str) -> None:
        case = in_state(State.INSPECTING)
        refusal = rules.confirmed(case, closing=Closing.THEFT, note=note, actor=LEADER, watch=WATCH)
        assert refusal == rules.BAD_NOTE


class TestSmallSteps:
    def test_the_same_photo_again_changes_nothing(self) -> None:
        case = in_state(State.INSPECTING)
        assert rules.with_photo(case, photo=PHOTO, actor=LEADER) is case

    def test_the_same_owner_again_changes_nothing(self) -> None:
        case = act(a_case(), Action.ASSIGN)
        assert isinstance(case, Case)
        assert act(case, Action.ASSIGN) is case

    def test_no_case_is_due_yesterday(self) -> None:
        case = rules.assigned(a_case(), owner="li.na", due_on=TODAY - timedelta(days=1), today=TODAY, actor=LEADER)
        assert case == rules.BAD_DUE

    def test_who_starts_owns_a_case_that_nobody_had(self) -> None:
        case = rules.started(a_case(), actor=INSPECTOR)
        assert isinstance(case, Case)
        assert (case.owner, case.inspector) == ("he.jun", "he.jun")


class TestGathering:
    def test_a_suspicion_opens_one_case_with_its_evidence(self) -> None:
        case = a_case(evidence("step", 4.0), evidence("district_loss", 5.0))
        assert (case.state, case.score, case.due_on) == (State.OPEN, 0.9, date(2026, 11, 16))
        assert case.history[0].by == "system"

    def test_the_same_suspicion_again_writes_nothing(self) -> None:
        case = a_case()
        assert gathered(a_suspicion(), case=case, quiet=(), watch=WATCH, now=NOW) is None

    def test_new_evidence_joins_and_old_evidence_says_what_it_says_now(self) -> None:
        case = a_case(evidence("step", 8.0))
        on = date(2026, 11, 5)
        later = a_suspicion(
            evidence("step", 9.0, on=on, percent=70.0), evidence("cap", 3.0, on=on), score=0.95, today=date(2026, 11, 6)
        )
        after = gathered(later, case=case, quiet=(), watch=WATCH, now=NOW)
        assert after is not None
        assert [(one.signal, one.first_seen.day, one.last_seen.day) for one in after.evidence] == [
            ("step", 1, 5),
            ("cap", 5, 5),
        ]
        assert after.evidence[0].numbers["percent"] == 70.0
        assert (after.revision, after.score, after.id) == (2, 0.95, case.id)
        assert [entry.note for entry in after.history] == ["step", "cap"]

    def test_an_older_scan_that_comes_late_changes_nothing(self) -> None:
        case = a_case(evidence("step", 8.0))
        late = a_suspicion(evidence("cap", 8.0, on=date(2026, 10, 20)), today=date(2026, 10, 21))
        assert gathered(late, case=case, quiet=(), watch=WATCH, now=NOW) is None

    def test_a_dismissed_signal_is_not_believed_and_another_one_is(self) -> None:
        step, cap = evidence("step", 8.0), evidence("cap", 9.0)
        assert gathered(a_suspicion(step), case=None, quiet={"step"}, watch=WATCH, now=NOW) is None
        weak = a_suspicion(step, replace(cap, added=1.0))
        assert gathered(weak, case=None, quiet={"step"}, watch=WATCH, now=NOW) is None
        other = gathered(a_suspicion(step, cap), case=None, quiet={"step"}, watch=WATCH, now=NOW)
        assert other is not None
        assert [one.signal for one in other.evidence] == ["cap"]
