"""How much one document may ask for.

Each fragment is measured once, however often it is spread: measuring anew what every spread repeats would let a
document of 400 bytes keep a processor busy for hours.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from graphql import (
    ASTValidationRule,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    SelectionSetNode,
    ValidationContext,
)

from gridhall.kit.settings import Settings

_FIELDS: Final = 500
"""Most fields in one selection: the rule that looks for conflicting ones compares them pair by pair."""


@dataclass(frozen=True, slots=True)
class Size:
    """What a selection asks for, its fragments included. depth: of fields in fields."""

    depth: int = 0
    aliases: int = 0
    fields: int = 0

    def beside(self, other: "Size") -> "Size":
        """Return the size of both, one beside the other."""
        return Size(max(self.depth, other.depth), self.aliases + other.aliases, self.fields + other.fields)


def most_of(settings: Settings) -> Size:
    """Return the most that a deployment answers."""
    return Size(depth=settings.graphql_max_depth, aliases=settings.graphql_max_aliases, fields=_FIELDS)


def rules(*, most: Size, introspection: bool) -> list[type[ASTValidationRule]]:
    """Return the rules of a deployment. Make them once a schema: the cache of validations tells them apart."""
    sized = _size_rule(most=most)
    return [sized] if introspection else [sized, NoSchemaIntrospectionCustomRule]


def _size_rule(*, most: Size) -> type[ASTValidationRule]:
    class SizeRule(ASTValidationRule):
        """Refuses what is too deep, has too many aliases or too many fields."""

        def __init__(self, context: ValidationContext) -> None:
            super().__init__(context)
            asked = _size_of(context)
            for name in ("depth", "aliases", "fields"):
                found, allowed = getattr(asked, name), getattr(most, name)
                if found > allowed:
                    # A count that fragments multiplied may have thousands of digits; it is not told.
                    context.report_error(GraphQLError(f"The document is too large: {name} must be at most {allowed}."))

    return SizeRule


def _size_of(context: ValidationContext) -> Size:
    definitions = context.document.definitions
    fragments = {one.name.value: one for one in definitions if isinstance(one, FragmentDefinitionNode)}
    measure = _Measure(fragments)
    total = Size()
    for one in definitions:
        if isinstance(one, OperationDefinitionNode):
            total = total.beside(measure.selection(one.selection_set))
    return total


class _Measure:
    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._known: dict[str, Size] = {}

    def selection(self, selection: SelectionSetNode) -> Size:
        total = Size()
        for size in self._parts(selection):
            total = total.beside(size)
        return total

    def _parts(self, selection: SelectionSetNode) -> Iterator[Size]:
        for one in selection.selections:
            if isinstance(one, FieldNode):
                below = self.selection(one.selection_set) if one.selection_set else None
                # As deep as what it leads to: a field without any below it adds nothing.
                deeper = 0 if below is None or one.name.value.startswith("__") else 1 + below.depth
                below = below or Size()
                yield Size(deeper, below.aliases + (one.alias is not None), below.fields + 1)
            elif isinstance(one, InlineFragmentNode):
                yield self.selection(one.selection_set)
            elif isinstance(one, FragmentSpreadNode):
                yield self._fragment(one.name.value)

    def _fragment(self, name: str) -> Size:
        if name not in self._known:
            # A fragment that spreads itself, or is none, is refused by rules of their own; here it counts nothing.
            self._known[name] = Size()
            if name in self._fragments:
                self._known[name] = self.selection(self._fragments[name].selection_set)
        return self._known[name]
