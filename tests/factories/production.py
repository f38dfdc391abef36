"""Settings with which a deployment would start."""

from typing import Any

from pydantic import SecretStr

from gridhall.kit.settings import Settings


def own_secrets() -> dict[str, Any]:
    """A secret of its own for every one that the demo publishes."""
    known = (name for name, field in Settings.model_fields.items() if isinstance(field.default, SecretStr))
    return {name: f"own-{name}" for name in known}


def production(**changes: Any) -> Settings:  # noqa: ANN401 - any field
    return Settings(**{"environment": "production", **own_secrets(), **changes})
