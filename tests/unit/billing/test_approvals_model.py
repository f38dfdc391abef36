"""Who may approve what, and what one person may do alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.billing.approvals.model import SHIPPED, Kind, Limits, limits_of, request_id
from gridhall.kit.money import Fen
from tests.factories.accounts import an_account
from tests.factories.requests import a_request

ACCOUNT = an_account()


class TestWhoMayApprove:
    def test_not_whoever_prepared_it(self) -> None:
        assert not a_request(ACCOUNT).may_be_approved_by("chen.jie")
        assert a_request(ACCOUNT).may_be_approved_by("wang.fang")

    def test_nobody_who_had_a_part_in_it(self) -> None:
        request = a_request(ACCOUNT, barred=("li.na", "chen.jie", "li.na"))
        assert request.barred == ("li.na",)
        assert not request.may_be_approved_by("li.na")


class TestLimits:
    @given(amount=st.integers(-(10**9), 10**9))
    def test_one_person_is_enough_below_the_limit_whichever_way_the_money_goes(self, amount: int) -> None:
        limits = Limits({Kind.REFUND: Fen(50_000)})
        assert limits.one_is_enough(a_request(ACCOUNT, amount=amount)) is (abs(amount) < 50_000)

    @pytest.mark.parametrize("kind", [Kind.WRITE_OFF, Kind.CASH_REVERSAL, Kind.DISCONNECT])
    def test_giving_money_up_or_cutting_a_supply_always_needs_two(self, kind: Kind) -> None:
        assert not limits_of({}).one_is_enough(a_request(ACCOUNT, kind=kind, amount=0))

    def test_every_kind_has_a_limit_of_its_own(self) -> None:
        assert set(SHIPPED) == set(Kind)

    def test_a_deployment_changes_those_that_it_names(self) -> None:
        limits = limits_of({"refund": 1})
        assert limits.fen[Kind.REFUND] == 1
        assert limits.fen[Kind.WAIVER] == SHIPPED[Kind.WAIVER]

    @pytest.mark.parametrize("chosen", [{"gift": 1}, {"refund": -1}])
    def test_a_limit_that_means_nothing_is_refused(self, chosen: dict[str, int]) -> None:
        with pytest.raises(ValueError, match="approval_limits"):
            limits_of(chosen)
        with pytest.raises(ValueError, match="approval_day_limits"):
            limits_of({}, chosen)

    def test_a_day_has_a_limit_of_its_own_which_a_bill_run_has_not(self) -> None:
        limits = limits_of({}, {"refund": 60_000})
        by_person, by_run = (a_request(ACCOUNT, amount=20_000, by=by) for by in ("chen.jie", "bill-run"))
        assert limits.one_is_enough(by_person, by_preparer=Fen(39_999))
        assert not limits.one_is_enough(by_person, by_preparer=Fen(40_000))
        assert limits.one_is_enough(by_run, by_preparer=Fen(40_000))


def test_the_same_key_of_a_kind_is_the_same_request() -> None:
    assert request_id(Kind.REFUND, "R1") == request_id(Kind.REFUND, "R1")
    assert request_id(Kind.REFUND, "R1") != request_id(Kind.WAIVER, "R1")
