"""The deployment files, read as they stand: no Docker engine runs here."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from gridhall.kit.keys import MissingKeyError, field_codec, token_seed
from gridhall.kit.settings import Settings
from gridhall.workers import names

PINNED = re.compile(r"[a-z/-]+:\d+\.\d+\.\d+(-[a-z]+)*")
STARTED_ONCE = {"mongo-init"}
"""Others wait until it has ended well, so it needs no health check."""

VALUES = {
    "gridhall_mongo_uri": "mongodb://gridhall:pw@mongo:27017/?replicaSet=rs0",
    "gridhall_redis_uri": "redis://:pw@redis:6379/0",
    "gridhall_field_key": "Zg==",
    "gridhall_token_key": "dA==",
    "gridhall_metrics_token": "metrics",
    "gridhall_wechatpay_key": "wechatpay pem",
    "gridhall_wechatpay_v3_key": "0123456789abcdef0123456789abcdef",
    "gridhall_alipay_key": "alipay pem",
    "gridhall_alipay_public_key": "alipay public pem",
    "gridhall_tax_key": "tax key",
    "gridhall_sms_access_key_secret": "sms",
    "gridhall_wechat_secret": "wechat",
    "gridhall_wechat_push_token": "push",
}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    root = Path(__file__).resolve().parents[3]
    content: dict[str, Any] = yaml.safe_load((root / "docker-compose.yml").read_text())
    return content


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = compose["services"]
    return found


@pytest.fixture(scope="module")
def dockerfile(root: Path) -> str:
    return (root / "Dockerfile").read_text()


def secrets_of(service: dict[str, Any]) -> set[str]:
    return set(service.get("secrets", ()))


class TestServices:
    def test_everything_that_the_house_needs_runs(self, services: dict[str, Any]) -> None:
        workers = {"worker-urgent", "worker-bulk", "worker-billing", "worker-metering", "worker-outbox"}
        assert set(services) == {"mongo", "mongo-init", "redis", "api", "beat", "feed-stream", "simulators"} | workers

    def test_every_queue_is_consumed_by_exactly_one_worker(self, services: dict[str, Any]) -> None:
        consumed = [
            queue
            for service in services.values()
            if "--queues" in (command := service.get("command", []))
            for queue in command[command.index("--queues") + 1].split(",")
        ]
        assert sorted(consumed) == sorted(set(names.QUEUES.values()))

    def test_every_service_has_a_health_check_or_a_reason(self, services: dict[str, Any], dockerfile: str) -> None:
        without = {name for name, service in services.items() if "healthcheck" not in service}
        assert without == STARTED_ONCE | {"api"}
        assert "HEALTHCHECK" in dockerfile
        assert "/health/live" in dockerfile

    def test_the_stand_ins_run_for_the_demo_only(self, services: dict[str, Any]) -> None:
        assert {name for name, service in services.items() if service.get("profiles")} == {"simulators"}
        assert services["simulators"]["build"]["target"] == "demo"
        assert services["api"]["build"]["target"] == "production"

    def test_only_the_api_is_reached_from_outside(self, services: dict[str, Any]) -> None:
        ports = {name: service["ports"] for name, service in services.items() if "ports" in service}
        assert ports == {"api": ["${API_PORT:-8000}:8000"], "simulators": ["127.0.0.1:2580:2580"]}

    def test_mongo_is_a_replica_set_with_a_key_file(self, services: dict[str, Any]) -> None:
        assert services["mongo"]["image"].startswith("mongo:8.")
        (command,) = services["mongo"]["command"]
        assert "--replSet rs0 --keyFile" in command
        assert "rs.initiate" in services["mongo-init"]["command"][0]

    def test_redis_keeps_jobs_over_a_restart_and_forgets_none(self, services: dict[str, Any]) -> None:
        command = services["redis"]["command"][-1]
        assert "--appendonly yes" in command
        assert "--maxmemory-policy noeviction" in command

    def test_nobody_waits_for_a_service_that_is_not_there(self, services: dict[str, Any]) -> None:
        waited = {name for service in services.values() for name in service.get("depends_on", {})}
        assert waited <= set(services)


class TestImages:
    def test_every_image_is_pinned(self, services: dict[str, Any], dockerfile: str) -> None:
        bases = re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)
        foreign = {base for base in bases if ":" in base} | {service["image"] for service in services.values()}
        assert [image for image in foreign if not PINNED.fullmatch(image)] == []

    def test_python_is_the_slim_image(self, dockerfile: str) -> None:
        bases = set(re.findall(r"^FROM (python\S+)", dockerfile, re.MULTILINE))
        assert len(bases) == 1
        assert bases.pop().startswith("python:3.12.")
        assert "-slim" in dockerfile

    def test_both_images_end_without_root(self, dockerfile: str) -> None:
        stages = re.split(r"^FROM ", dockerfile, flags=re.MULTILINE)
        for stage in ("AS demo\n", "AS production\n"):
            (text,) = [one for one in stages if stage in one]
            assert "USER gridhall" in text

    def test_no_service_keeps_root(self, services: dict[str, Any]) -> None:
        ours = {name for name, service in services.items() if service["image"].startswith("gridhall")}
        numbered = {name for name, service in services.items() if not service.get("user", "0").startswith("0")}
        assert set(services) - ours - numbered == {"mongo"}  # whose entry point gives root up by itself

    def test_packages_come_by_hash_and_never_from_the_development_lock(self, dockerfile: str) -> None:
        installs = re.findall(r"pip (?:download|install)(?:.|\\\n)*?-r \S+", dockerfile)
        assert len(installs) == 4
        assert all("--require-hashes" in install for install in installs)
        assert "development" not in dockerfile
        assert "embedded" not in dockerfile

    def test_what_is_copied_is_there_and_not_ignored(self, root: Path, dockerfile: str) -> None:
        kept = {line[1:] for line in (root / ".dockerignore").read_text().splitlines() if line.startswith("!")}
        assert all((root / name).exists() for name in kept)
        for name in re.findall(r"locks/\w+\.txt", dockerfile.split("RUN", 1)[0]):
            assert (root / name).is_file()
        rooms = {path.name for path in (root / "src" / "gridhall").iterdir() if path.is_symlink()}
        assert rooms <= kept


class TestSettings:
    def test_every_name_in_the_environment_is_a_setting(self, services: dict[str, Any]) -> None:
        given = {name for service in services.values() for name in service.get("environment", {})}
        ours = {name.removeprefix("GRIDHALL_").lower() for name in given if name.startswith("GRIDHALL_")}
        assert ours
        assert ours <= set(Settings.model_fields)

    def test_every_file_of_a_secret_is_read_as_the_setting_of_its_name(
        self, compose: dict[str, Any], tmp_path: Path
    ) -> None:
        ours = {name for name in compose["secrets"] if name.startswith("gridhall_")}
        assert ours == set(VALUES)
        for name, value in VALUES.items():
            (tmp_path / name).write_text(value + "\n")
        chosen = Settings(_secrets_dir=tmp_path, environment="production")  # type: ignore[call-arg] - pydantic's own
        for name, value in VALUES.items():
            read = getattr(chosen, name.removeprefix("gridhall_"))
            assert (read if isinstance(read, str) else read.get_secret_value()) == value

    def test_every_process_of_ours_gets_the_same_secrets(self, services: dict[str, Any]) -> None:
        for name, service in services.items():
            if "GRIDHALL_ENVIRONMENT" in service.get("environment", {}):
                assert secrets_of(service) == set(VALUES), name

    def test_all_secrets_come_from_files_that_are_not_in_the_repository(
        self, compose: dict[str, Any], root: Path
    ) -> None:
        assert {name: given for name, given in compose["secrets"].items() if given != {"file": f"secrets/{name}"}} == {}
        assert "secrets/" in (root / ".gitignore").read_text().splitlines()
        used = set().union(*map(secrets_of, compose["services"].values()))
        assert used == set(compose["secrets"])

    def test_no_secret_stands_in_the_environment(self, services: dict[str, Any]) -> None:
        words = ("PASSWORD", "SECRET", "TOKEN", "_KEY", "_URI")
        for service in services.values():
            for name in service.get("environment", {}):
                assert name.endswith(("_FILE", "_KEY_ID")) or not any(word in name for word in words), name


class TestProductionAsksFor:
    def test_the_secrets_that_the_demo_knows(self) -> None:
        with pytest.raises(ValueError, match=r"GRIDHALL_WECHAT_SECRET.* must be set in production"):
            Settings(environment="production")

    def test_its_own_keys(self, tmp_path: Path) -> None:
        for name, value in VALUES.items():
            if not name.endswith(("field_key", "token_key")):
                (tmp_path / name).write_text(value)
        chosen = Settings(_secrets_dir=tmp_path, environment="production")  # type: ignore[call-arg] - pydantic's own
        with pytest.raises(MissingKeyError, match="GRIDHALL_FIELD_KEY"):
            field_codec(chosen)
        with pytest.raises(MissingKeyError, match="GRIDHALL_TOKEN_KEY"):
            token_seed(chosen)
