"""Global ids: from the opaque text of a client to an id of ours."""

from uuid import UUID

from strawberry import relay

from gridhall.graphql.errors import RefusedError


def uuid_of(global_id: relay.GlobalID, type_name: str, *, field: str) -> UUID:
    """Return the id inside a global id of a type. Raises RefusedError that names the field where it is none."""
    try:
        found = UUID(global_id.node_id)
    except ValueError:
        found = None
    if found is None or global_id.type_name != type_name:
        raise RefusedError("input.bad_id", {"field": field, "type": type_name})
    return found


def uuid_in(text: str, type_name: str, *, field: str) -> UUID:
    """Return the id inside a global id as a client sent it. Raises RefusedError that names the field where it is none.

    For inputs whose ids are plain `ID`s: of a `GlobalID` that is malformed the parser tells in English, before us.
    """
    try:
        return uuid_of(relay.GlobalID.from_id(text), type_name, field=field)
    except relay.GlobalIDValueError:
        raise RefusedError("input.bad_id", {"field": field, "type": type_name}) from None
