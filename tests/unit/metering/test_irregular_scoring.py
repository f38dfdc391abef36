"""The score: made of parts that are shown, blind to size and to order."""

from string import Formatter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridhall.kit.words import LANGUAGES, Words
from gridhall.metering.irregular.curves import Floats
from gridhall.metering.irregular.scoring import (
    LEAST_HOMES,
    MANY_HOMES,
    WEIGHTS,
    Norm,
    contributions,
    measured,
    norms_of,
    score,
    unusual,
)
from gridhall.metering.irregular.signals.registry import CODES
from tests.factories.curves import some_curves, some_homes

WORDS = Words(["gridhall.metering"])


def falsified() -> Floats:
    energy = some_homes()
    energy[3, 50:] *= 0.4
    energy[7, 40:, 30:44] = 0
    energy[11, 45:] = energy[11, 45:, ::-1]
    return energy


def sums(energy: Floats) -> Floats:
    strengths = {code: one.strength for code, one in measured(some_curves(energy)).items()}
    return np.sum(list(contributions(strengths, norms=norms_of(strengths)).values()), axis=0)


@pytest.fixture(scope="module")
def plain() -> Floats:
    return sums(falsified())


def test_the_falsified_homes_come_first(plain: Floats) -> None:
    assert set(np.argsort(-plain)[:3]) == {3, 7, 11}


@given(factor=st.sampled_from([0.5, 2.0, 3.7, 10.0, 250.0]))
@settings(max_examples=5)
def test_scaling_all_homes_by_a_factor_changes_no_score(plain: Floats, factor: float) -> None:
    assert sums(falsified() * factor) == pytest.approx(plain, abs=1e-6)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=5)
def test_the_order_of_the_homes_changes_no_score(plain: Floats, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(plain))
    assert sums(falsified()[order]) == pytest.approx(plain[order], abs=1e-9)


parts = st.dictionaries(st.sampled_from(CODES), st.floats(0, 12), max_size=len(CODES))


@given(added=parts)
def test_a_score_is_between_none_and_one_and_leaving_a_signal_out_never_raises_it(added: dict[str, float]) -> None:
    whole = score(added)
    assert 0 < whole <= 1
    for code in added:
        assert score(added, without={code}) <= whole
    assert score(added, without=set(added)) == score({})


@given(added=parts, code=st.sampled_from(CODES), more=st.floats(0, 5))
def test_more_of_a_signal_never_lowers_the_score(added: dict[str, float], code: str, more: float) -> None:
    assert score({**added, code: added.get(code, 0.0) + more}) >= score(added)


@given(strengths=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40))
def test_what_is_unusual_is_never_less_than_none_and_keeps_the_order(strengths: list[float]) -> None:
    said = unusual(np.array(strengths), Norm(1.0, 2.0))
    assert (said >= 0).all()
    assert (np.diff(said[np.argsort(strengths, kind="stable")]) >= 0).all()


class TestNorms:
    def test_few_homes_are_suspected_only_of_what_is_unusual_among_them_and_among_many(self) -> None:
        alike = np.full(LEAST_HOMES - 1, 99.0)
        assert not unusual(alike, norms_of({"step": alike})["step"]).any(), "all of them are like this"
        mild = np.where(np.arange(LEAST_HOMES - 1) == 4, MANY_HOMES["step"].middle, -50.0)
        assert not unusual(mild, norms_of({"step": mild})["step"]).any(), "many homes are like this"
        strange = np.where(np.arange(LEAST_HOMES - 1) == 4, 99.0, 1.0)
        assert np.flatnonzero(unusual(strange, norms_of({"step": strange})["step"])).tolist() == [4]

    def test_enough_homes_have_a_norm_of_their_own_and_a_signal_that_none_has_none(self) -> None:
        quiet = np.full(LEAST_HOMES, -3.0)
        assert norms_of({"step": quiet})["step"].middle == -3.0
        assert "step" not in norms_of({"step": np.full(LEAST_HOMES, np.nan)})

    def test_every_signal_has_a_norm_of_many_homes_or_one_without_a_population(self) -> None:
        nothing = {code: np.full(LEAST_HOMES, np.nan) for code in CODES}
        assert set(MANY_HOMES) | set(norms_of(nothing)) == set(CODES)

    def test_a_tenth_of_irregular_homes_hardly_moves_them(self) -> None:
        honest = np.random.default_rng(3).normal(4, 1, 300)
        spoiled = np.where(np.arange(300) % 10 == 0, 60.0, honest)
        before, after = norms_of({"step": honest})["step"], norms_of({"step": spoiled})["step"]
        assert after.middle == pytest.approx(before.middle, abs=0.2)
        assert after.spread == pytest.approx(before.spread, rel=0.3)


class TestWords:
    def test_every_signal_has_a_weight_and_words_in_every_language(self) -> None:
        assert set(WEIGHTS.of) == set(CODES)
        for language in LANGUAGES:
            assert {f"irregular.{code}.{part}" for code in CODES for part in ("title", "sentence")} <= WORDS.keys(
                language
            )

    def test_every_number_that_a_sentence_says_is_measured(self) -> None:
        found = measured(some_curves(some_homes(), sum_meter=1.03 * some_homes().sum(axis=0)))
        for code in CODES:
            text = WORDS._languages["en"].gettext(f"irregular.{code}.sentence")
            named = {name for _, name, _, _ in Formatter().parse(text) if name} - {"since"}
            assert named <= set(found[code].numbers), code
