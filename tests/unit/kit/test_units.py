"""Units of the organisation and what lies in them."""

from hypothesis import given
from hypothesis.strategies import lists, sampled_from

from gridhall.kit.units import lies_in, units_above

paths = lists(sampled_from(["a", "ab", "b"]), max_size=4).map("/".join)


def test_a_path_lies_in_all_of_its_region_and_in_every_unit_above_it() -> None:
    assert units_above("grid/west/x") == ["", "grid", "grid/west", "grid/west/x"]
    assert units_above("") == [""]


@given(path=paths, unit=paths)
def test_what_is_kept_of_a_path_names_exactly_the_units_it_lies_in(path: str, unit: str) -> None:
    assert lies_in(path, unit) == (unit in units_above(path))
