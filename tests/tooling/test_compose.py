"""docker-compose.yml and the Dockerfile, as far as they can be judged without Docker."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
LASTING = {name: service for name, service in SERVICES.items() if name != "migrate"}
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
KEYS = {
    "build", "cap_drop", "command", "depends_on", "environment", "healthcheck", "image", "ports",
    "read_only", "restart", "secrets", "security_opt", "shm_size", "stop_grace_period", "tmpfs",
    "volumes",
}  # fmt: skip


def command(name: str) -> str:
    return " ".join(SERVICES[name].get("command", []))


def test_there_are_web_worker_beat_database_broker_and_the_migration_step() -> None:
    assert set(SERVICES) == {"web", "worker", "beat", "migrate", "postgres", "valkey"}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_only_keys_that_compose_knows(name: str) -> None:
    assert set(SERVICES[name]) <= KEYS


@pytest.mark.parametrize("name", LASTING)
def test_a_lasting_service_restarts_and_says_whether_it_is_well(name: str) -> None:
    assert SERVICES[name]["restart"] == "unless-stopped"
    assert {"test", "interval", "timeout", "retries"} <= set(SERVICES[name]["healthcheck"])
    assert SERVICES[name]["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}


@pytest.mark.parametrize("name", SERVICES)
def test_what_a_service_needs_exists(name: str) -> None:
    service = SERVICES[name]
    assert set(service.get("depends_on", {})) <= set(SERVICES)
    assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"])
    named = {volume.partition(":")[0] for volume in service.get("volumes", [])}
    assert named <= set(COMPOSE["volumes"])
    for other, need in service.get("depends_on", {}).items():
        if need["condition"] == "service_healthy":
            assert "healthcheck" in SERVICES[other]


@pytest.mark.parametrize("name", OURS)
def test_our_processes_own_nothing_but_their_volume(name: str) -> None:
    service = OURS[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]


def test_no_secret_stands_in_the_file() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search("KEY|PASSWORD|_URL", name):
                assert name.endswith("_FILE")
                assert value.startswith("/run/secrets/")
    assert all(set(secret) == {"file"} for secret in COMPOSE["secrets"].values())


def test_every_variable_is_one_that_is_read() -> None:
    settings = (ROOT / "crm_project" / "settings.py").read_text("utf-8")
    read = set(re.findall(r'(?:text|flag|number|words|_secret)\(\s*"(\w+)"', settings))
    others = {"REMAP_SIGTERM", "POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD"}
    others.add("POSTGRES_INITDB_ARGS")
    for service in SERVICES.values():
        names = {name.removesuffix("_FILE") for name in service.get("environment", {})}
        assert names <= read | others


def test_web_worker_and_beat_wait_for_the_migrations() -> None:
    for name in ("web", "worker", "beat"):
        needs = SERVICES[name]["depends_on"]
        assert needs["migrate"]["condition"] == "service_completed_successfully"
        assert needs["postgres"]["condition"] == "service_healthy"
    assert command("migrate") == "python manage.py migrate --noinput"


def test_the_worker_is_given_longer_than_it_waits_for_its_tasks() -> None:
    from crm_project.celery import WORKER

    grace = int(SERVICES["worker"]["stop_grace_period"].removesuffix("s"))
    assert grace >= WORKER["worker_soft_shutdown_timeout"] + 10
    assert SERVICES["worker"]["environment"]["REMAP_SIGTERM"] == "SIGQUIT"


def test_there_is_one_beat_and_the_broker_keeps_what_it_is_given() -> None:
    assert [name for name in SERVICES if " beat " in f"{command(name)} "] == ["beat"]
    for word in ("--appendonly yes", "--appendfsync everysec", "--maxmemory-policy noeviction"):
        assert word in command("valkey")


def test_database_finds_chinese_names() -> None:
    assert "--locale=C.UTF-8" in SERVICES["postgres"]["environment"]["POSTGRES_INITDB_ARGS"]


def test_only_web_has_a_port_and_listens_on_the_loopback_unless_told_otherwise() -> None:
    assert [name for name in SERVICES if "ports" in SERVICES[name]] == ["web"]
    assert SERVICES["web"]["ports"] == ["${HUITOU_LISTEN:-127.0.0.1:8000}:8000"]


def test_the_image_runs_as_nobody_special_and_brings_its_static_files() -> None:
    final = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.search(r"^USER huitou$", final, re.MULTILINE)
    assert "collectstatic --noinput" in DOCKERFILE
    assert re.search(r"^CMD \[", final, re.MULTILINE)


def test_the_question_to_web_is_one_line_of_python_about_its_health() -> None:
    *words, question = SERVICES["web"]["healthcheck"]["test"]
    assert words == ["CMD", "python", "-c"]
    compile(question, "healthcheck", "exec")
    assert "\n" not in question
    assert "/healthz'" in question
