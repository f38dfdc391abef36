"""What a document may ask for, and how long it takes to say no."""

import time

import pytest
from strawberry.extensions.validation_cache import _get_validate_cache

from gridhall.graphql.schema import _CACHED_DOCUMENTS, Schema, build_schema
from gridhall.kit.settings import Settings
from tests.factories.production import production


@pytest.fixture(scope="module")
def schema() -> Schema:
    return build_schema(Settings())


def no_of(schema: Schema, document: str) -> list[str]:
    """The errors of a document, in words. Nothing is resolved: there is no request."""
    return [error.message for error in schema.execute_sync(document).errors or []]


def doubling(levels: int) -> str:
    """A document of some hundred bytes whose fragments say one field 2 ** levels times."""
    each = (f"fragment F{level} on Viewer {{ ...F{level + 1} ...F{level + 1} }}" for level in range(levels))
    return f"{{ viewer {{ ...F0 }} }} {' '.join(each)} fragment F{levels} on Viewer {{ phone }}"


def test_fragments_that_double_at_every_level_are_refused_at_once(schema: Schema) -> None:
    started = time.process_time()
    assert no_of(schema, doubling(150)) == ["The document is too large: fields must be at most 500."]
    assert time.process_time() - started < 2


def test_fragments_that_spread_each_other_are_refused(schema: Schema) -> None:
    circle = "{ viewer { ...A } } fragment A on Viewer { ...B } fragment B on Viewer { ...A }"
    (no,) = no_of(schema, circle)
    assert no.startswith("Cannot spread fragment")


def test_a_fragment_that_is_not_there_is_named(schema: Schema) -> None:
    assert no_of(schema, "{ viewer { ...Missing } }") == ["Unknown fragment 'Missing'."]


def test_depth_counts_through_fragments(schema: Schema) -> None:
    shallow = build_schema(Settings(graphql_max_depth=5))
    deep = """{ viewer { accounts { bills { ...Page } } } } fragment Page on BillConnection { edges { ...Edge } }
        fragment Edge on BillEdge { node { total { fen } } }"""
    assert "depth" not in no_of(schema, deep)[0]
    assert no_of(shallow, deep) == ["The document is too large: depth must be at most 5."]


def test_aliases_count_as_often_as_their_fragment_is_spread(schema: Schema) -> None:
    spread = " ".join(f"a{number}: viewer {{ ...Two }}" for number in range(11))
    no = no_of(schema, f"{{ {spread} }} fragment Two on Viewer {{ one: phone two: phone }}")
    assert no == ["The document is too large: aliases must be at most 30."]
    assert no_of(schema, "{" + " ".join(f"a{number}: __typename" for number in range(30)) + "}") == []


def test_aliases_count_over_all_operations_of_a_document(schema: Schema) -> None:
    operations = (f"query Q{at} {{ {' '.join(f'a{i}: __typename' for i in range(16))} }}" for at in range(2))
    assert "The document is too large: aliases must be at most 30." in no_of(schema, " ".join(operations))


def test_too_many_tokens_are_not_parsed(schema: Schema) -> None:
    (no,) = no_of(schema, "{" + "__typename " * 3000 + "}")
    assert "Document contains more than 2000 tokens" in no


@pytest.mark.parametrize("document", ["{ a" * 990 + "}" * 990, f"{{ node(id: {'[' * 900}1{']' * 900}) {{ id }} }}"])
def test_nesting_without_end_is_a_fault_of_the_document(schema: Schema, document: str) -> None:
    (no,) = no_of(schema, document)
    assert no.startswith("Syntax Error")


def test_production_tells_nobody_the_schema() -> None:
    closed = build_schema(production())
    document = "{ __schema { types { name } } }"
    assert no_of(build_schema(Settings()), document) == []
    assert "introspection" in no_of(closed, document)[0]
    assert no_of(closed, "{ __typename }") == []


def test_a_document_is_validated_once(schema: Schema) -> None:
    document = "{ __typename again: __typename }"
    schema.execute_sync(document)
    before = _get_validate_cache(_CACHED_DOCUMENTS).cache_info()
    schema.execute_sync(document)
    after = _get_validate_cache(_CACHED_DOCUMENTS).cache_info()
    assert (after.hits, after.misses) == (before.hits + 1, before.misses)
