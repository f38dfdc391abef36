"""Where the demo's processes find the stand-ins when the usual ports are taken."""

import pytest

from gridhall.api.demo import command
from gridhall.kit.settings import Settings


def test_every_stand_in_is_sought_at_the_port_that_was_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "free_port", lambda port: port + 10_000)
    usual = {name: str(one.default) for name, one in Settings.model_fields.items() if ":2580" in str(one.default)}
    assert usual
    chosen = command._with_addresses(Settings(), "mongodb://there", "redis://there:1")
    told = command._environment(chosen)
    for name, address in usual.items():
        assert told[f"GRIDHALL_{name.upper()}"] == address.replace(":2580", ":12580"), name
