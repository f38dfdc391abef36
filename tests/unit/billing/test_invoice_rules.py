"""The rules of invoices: tax that sums to the amount, and titles that a tax platform takes."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis.strategies import integers, sampled_from

from gridhall.billing.invoices.model import BAD_TITLE, Title, TitleKind, good_title
from gridhall.billing.invoices.vat import split
from gridhall.kit.money import Fen

RATES = sampled_from([Decimal("0.13"), Decimal("0.09"), Decimal("0.03"), Decimal("0.16")])


@given(total=integers(1, 10**12), rate=RATES)
def test_net_and_tax_sum_to_the_amount_and_the_tax_is_right_to_the_fen(total: int, rate: Decimal) -> None:
    parts = split(Fen(total), rate=rate)
    assert parts.net + parts.tax == total
    assert 0 <= parts.tax < total
    # The net is within half a fen, and the tax of it within a fen of what a machine that starts from it finds.
    assert abs(parts.net * (1 + rate) - total) <= (1 + rate) / 2
    assert abs(parts.net * rate - parts.tax) <= 1


def test_a_hundred_and_thirteen_yuan_have_thirteen_of_tax() -> None:
    parts = split(Fen(11300), rate=Decimal("0.13"))
    assert (parts.net, parts.tax) == (10000, 1300)


@pytest.mark.parametrize(
    ("kind", "name", "number"),
    [
        pytest.param(TitleKind.FIRM, "杭州某某有限公司", "", id="a firm without a number"),
        pytest.param(TitleKind.FIRM, "杭州某某有限公司", "91330100MA27X1234", id="17 characters"),
        pytest.param(TitleKind.FIRM, "杭州某某有限公司", "9133010OMA27X12345", id="a letter that numbers never have"),
        pytest.param(TitleKind.PERSON, "王小明", "91330100MA27X12345", id="a person with one"),
        pytest.param(TitleKind.PERSON, "  ", "", id="nobody"),
        pytest.param(TitleKind.PERSON, "王\n明", "", id="two lines"),
    ],
)
def test_a_title_that_no_platform_takes_is_refused(kind: TitleKind, name: str, number: str) -> None:
    assert good_title(kind, name, number) == BAD_TITLE


def test_a_title_is_taken_without_the_blanks_around_it() -> None:
    told = good_title(TitleKind.FIRM, " 杭州某某有限公司 ", " 91330100ma27x12345 ")
    assert told == Title(TitleKind.FIRM, "杭州某某有限公司", "91330100MA27X12345")
