"""What production refuses to start on."""

import base64
from pathlib import Path

import pytest
from pydantic import ValidationError

from gridhall.api.sign_in.access_tokens import AccessTokens
from gridhall.kit.keys import MissingKeyError, field_codec, token_seed
from gridhall.kit.settings import Settings
from tests.factories.production import own_secrets, production

KEY = base64.b64encode(bytes(range(32))).decode()


@pytest.mark.parametrize("left", own_secrets())
def test_a_secret_that_everybody_can_read_in_the_source(left: str) -> None:
    own = {name: secret for name, secret in own_secrets().items() if name != left}
    with pytest.raises(ValidationError, match=f"GRIDHALL_{left.upper()} must be set in production") as no:
        Settings(environment="production", **own)
    assert "own-" not in str(no.value)


def test_a_key_that_is_not_handed_in(tmp_path: Path) -> None:
    settings = production(data_dir=tmp_path)
    with pytest.raises(MissingKeyError, match="GRIDHALL_FIELD_KEY must be 32 bytes"):
        field_codec(settings)
    with pytest.raises(MissingKeyError, match="GRIDHALL_TOKEN_KEY must be 32 bytes"):
        AccessTokens.of(settings)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("key", ["", "AAAA", "!" * 44, KEY[:-4], f"{KEY}AAAA"])
def test_a_key_that_is_none(key: str) -> None:
    with pytest.raises(MissingKeyError):
        token_seed(production(token_key=key))


def test_two_processes_with_the_same_key_take_each_others_tokens() -> None:
    assert token_seed(production(token_key=KEY)) == bytes(range(32))


def test_development_makes_its_keys_once(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    assert token_seed(settings) == token_seed(settings)
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()} == {0o600}
