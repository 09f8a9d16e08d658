"""docker-compose.yml and the Dockerfile, as far as they can be judged by reading them."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
ONCE = {"migrate", "backup"}
LASTING = {name: service for name, service in SERVICES.items() if name not in ONCE}
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
CADDYFILE = (ROOT / "deploy" / "Caddyfile").read_text("utf-8")


def command(name: str) -> str:
    return " ".join(SERVICES[name].get("command", []))


def test_there_are_proxy_web_worker_beat_database_broker_and_the_steps() -> None:
    lasting = {"proxy", "web", "worker", "beat", "postgres", "valkey"}
    assert set(SERVICES) == lasting | ONCE


def test_the_file_is_what_compose_reads() -> None:
    """By the schema of the Compose specification, which check-jsonschema brings along."""
    program = str(Path(sys.executable).with_name("check-jsonschema"))
    command = [program, "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout


def test_control_a_misspelt_key_is_found(tmp_path: Path) -> None:
    wrong = tmp_path / "docker-compose.yml"
    wrong.write_text(
        (ROOT / "docker-compose.yml").read_text("utf-8").replace("command:", "comand:")
    )
    program = str(Path(sys.executable).with_name("check-jsonschema"))
    command = [program, "--builtin-schema", "vendor.compose-spec", str(wrong)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "comand" in found.stdout


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
    places = {volume.partition(":")[0] for volume in service.get("volumes", [])}
    assert {place for place in places if not place.startswith("./")} <= set(COMPOSE["volumes"])
    assert set(service["networks"]) <= set(COMPOSE["networks"])
    for other, need in service.get("depends_on", {}).items():
        if need["condition"] == "service_healthy":
            assert "healthcheck" in SERVICES[other]


@pytest.mark.parametrize("name", [*OURS, "proxy"])
def test_our_processes_own_nothing_but_their_volume(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]


def test_no_secret_stands_in_the_file() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search("KEY|PASSWORD|_URL", name):
                assert name.endswith("_FILE"), name
                assert value.startswith("/run/secrets/")
    assert all(set(secret) == {"file"} for secret in COMPOSE["secrets"].values())


def test_everything_secret_is_a_file_that_the_guide_makes() -> None:
    guide = (ROOT / "docs" / "running.md").read_text("utf-8")
    for name in COMPOSE["secrets"]:
        assert re.search(rf"\b{name}\b", guide), name


def test_every_variable_is_one_that_is_read() -> None:
    settings = (ROOT / "crm_project" / "settings.py").read_text("utf-8")
    read = set(re.findall(r'(?:text|flag|number|words|_secret)\(\s*"(\w+)"', settings))
    others = {"REMAP_SIGTERM", "POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD"}
    others.add("POSTGRES_INITDB_ARGS")
    assert set(re.findall(r"\{\$(\w+)", CADDYFILE)) - {"HUITOU_BODY_MAX"} == set(
        SERVICES["proxy"]["environment"]
    )
    for service in [*OURS.values(), SERVICES["postgres"]]:
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


def test_only_the_proxy_can_be_reached_and_only_web_by_it() -> None:
    assert [name for name in SERVICES if "ports" in SERVICES[name]] == ["proxy"]
    reached = {name for name, service in SERVICES.items() if "front" in service["networks"]}
    assert reached == {"proxy", "web"}
    assert "reverse_proxy web:8000" in CADDYFILE


def test_web_believes_the_proxys_address_and_no_other() -> None:
    proxy = SERVICES["proxy"]["networks"]["front"]["ipv4_address"]
    assert SERVICES["web"]["environment"]["HUITOU_TRUSTED_PROXIES"].endswith(f":-{proxy}}}")


def test_the_proxy_keeps_no_record_of_addresses() -> None:
    """They hold what people searched for."""
    site = CADDYFILE.partition("{$HUITOU_SITE}")[2]
    assert not re.search(r"^\s*log\b", site, re.MULTILINE)
    assert "admin off" in CADDYFILE


def test_the_proxy_changes_nothing_of_the_machine_it_runs_on() -> None:
    assert "skip_install_trust" in CADDYFILE


def test_a_backup_is_made_on_demand_and_lies_outside_the_volumes() -> None:
    assert SERVICES["backup"]["profiles"] == ["tools"]
    assert "manage.py backup /backups/" in command("backup")
    assert "./backups:/backups" in SERVICES["backup"]["volumes"]


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
