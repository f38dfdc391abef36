"""GraphQL as a plain ASGI route: no dependency injection on the hot path."""

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLHTTPResponse
from strawberry.types import ExecutionResult

from gridhall.api.state import agent_of, customer_of, state_of
from gridhall.graphql.context import Context
from gridhall.graphql.errors import presented
from gridhall.graphql.schema import Schema
from gridhall.kit.words import choose_language

_CONTEXT = "gridhall.graphql.context"


class GraphQLRoute(GraphQL[Context, None]):
    """Answers GraphQL over HTTP POST, in the caller's language."""

    def __init__(self, schema: Schema) -> None:
        super().__init__(schema, graphql_ide=None, allow_queries_via_get=False, subscription_protocols=())

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
        """Find out who asks. Bindings are read anew for every request, so that what was taken away is gone at once."""
        del response
        customer = await customer_of(request)
        context = Context(
            hall=state_of(request).hall,
            language=choose_language(request.headers.get("accept-language")),
            customer=customer,
            agent=None if customer else await agent_of(request),
        )
        request.scope[_CONTEXT] = context
        return context

    async def process_result(self, request: Request, result: ExecutionResult) -> GraphQLHTTPResponse:
        """Return the answer with every error presented to this caller."""
        answer: GraphQLHTTPResponse = {"data": result.data}
        if result.errors:
            context: Context = request.scope[_CONTEXT]
            answer["errors"] = [presented(error, context).formatted for error in result.errors]
        return answer

    def decode_json(self, data: str | bytes) -> object:
        """Read JSON by orjson, which refuses what no answer could repeat: half surrogates, NaN, nesting without end."""
        told = orjson.loads(data)
        if not isinstance(told, dict):
            raise orjson.JSONDecodeError("a request is one object", "", 0)
        return told

    def encode_json(self, data: object) -> bytes:
        """Write JSON by orjson."""
        return orjson.dumps(data)
