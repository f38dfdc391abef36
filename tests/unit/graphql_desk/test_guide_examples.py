"""The queries that the GraphQL guide prints fit the schema."""

import re
from pathlib import Path

import pytest
from graphql import parse, validate

from gridhall.graphql.schema import build_schema
from gridhall.kit.settings import Settings

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "graphql.md"
EXAMPLES = re.findall(r"```graphql\n(.*?)```", GUIDE.read_text(), re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_of_the_guide_fits_the_schema(example: str) -> None:
    assert validate(build_schema(Settings())._schema, parse(example)) == []
