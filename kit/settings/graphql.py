"""The limits of a GraphQL document."""

from pydantic import BaseModel, Field


class GraphQLSettings(BaseModel):
    """A part of `Settings`, which reads the variables."""

    graphql_max_depth: int = Field(default=14, ge=5, description="Deepest query that is answered.")
    graphql_max_aliases: int = Field(default=30, ge=1, description="Most aliases in one document.")
    graphql_max_tokens: int = Field(default=2000, ge=100, description="Longest document, in tokens.")
