"""docker-compose.yml and the Dockerfile, as far as they can be judged by reading them."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from common.embedded.server_settings import SETTINGS

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
ONCE = {"migrate", "backup"}
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
CADDYFILE = (ROOT / "deploy" / "Caddyfile").read_text("utf-8")


def command(name: str) -> str:
    return " ".join(SERVICES[name].get("command", []))


def test_there_are_proxy_web_worker_beat_database_broker_and_the_steps() -> None:
    lasting = {"proxy", "web", "worker", "beat", "archive", "postgres", "valkey"}
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


def test_everything_secret_is_a_file_that_the_guide_makes() -> None:
    guide = (ROOT / "docs" / "running.md").read_text("utf-8")
    for name in COMPOSE["secrets"]:
        assert re.search(rf"\b{name}\b", guide), name


def test_every_variable_is_one_that_is_read() -> None:
    asked = re.compile(r'(?:text|flag|numbers?|words|_secret)\(\s*"(\w+)"')
    modules = (ROOT / "crm_project").glob("*.py")
    read = {name for path in modules for name in asked.findall(path.read_text("utf-8"))}
    others = {"REMAP_SIGTERM", "POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD"}
    others.add("POSTGRES_INITDB_ARGS")
    assert set(re.findall(r"\{\$(\w+)", CADDYFILE)) - {"HUITOU_BODY_MAX"} == set(
        SERVICES["proxy"]["environment"]
    )
    for service in [*OURS.values(), SERVICES["postgres"]]:
        names = {name.removesuffix("_FILE") for name in service.get("environment", {})}
        assert names <= read | others


def test_the_migrations_are_a_step_and_there_is_one_beat() -> None:
    assert command("migrate") == "python manage.py migrate --noinput"
    assert [name for name in SERVICES if " beat " in f"{command(name)} "] == ["beat"]
    assert SERVICES["worker"]["environment"]["REMAP_SIGTERM"] == "SIGQUIT"


def test_the_broker_keeps_what_it_is_given_and_shows_nobody_its_password() -> None:
    for word in ("--appendonly yes", "--appendfsync everysec", "--maxmemory-policy noeviction"):
        assert word in command("valkey")
    assert "--requirepass" not in command("valkey")


def test_the_database_has_the_settings_it_was_measured_with() -> None:
    """Those of common/embedded, as far as they are not the machine's."""
    written = dict(re.findall(r"^(\w+) = ([\w.]+)$", SETTINGS, re.MULTILINE))
    for name in ("work_mem", "maintenance_work_mem", "max_wal_size", "random_page_cost", "jit"):
        assert f"--{name}={written[name]}" in SERVICES["postgres"]["command"]


def test_the_log_is_archived_every_five_minutes() -> None:
    assert "--archive_timeout=240" in SERVICES["postgres"]["command"]
    assert "manage.py archive /backups" in command("archive")


def test_the_key_of_the_backups_is_given_to_nobody_else() -> None:
    holders = {name for name in SERVICES if "backup_key" in SERVICES[name].get("secrets", [])}
    assert holders == {"archive", "backup"}
    assert SERVICES["backup"]["profiles"] == ["tools"]
    for name in holders:
        assert "./backups:/backups" in SERVICES[name]["volumes"]


def test_the_proxy_has_the_page_for_a_web_that_is_away() -> None:
    mounted = "./deploy/unavailable.html:/srv/unavailable.html:ro"
    assert mounted in SERVICES["proxy"]["volumes"]
    assert "rewrite * /unavailable.html" in CADDYFILE
    assert (ROOT / "deploy" / "unavailable.html").is_file()


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
