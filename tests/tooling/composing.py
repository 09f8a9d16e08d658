"""What a service of docker-compose.yml must have, as a judge that can be shown wrong files."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from crm_project.celery import WORKER

ROOT = Path(__file__).resolve().parents[2]
# These end by themselves; the others come back and say whether they are well.
ONCE = {"migrate", "backup"}
ROOTS_TASKS = {"NET_BIND_SERVICE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"}
Service = dict[str, Any]


def read() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
    return found


def faults(compose: dict[str, Any]) -> list[str]:
    """Every fault as `service: what`."""
    return [
        f"{name}: {fault}"
        for name, service in compose["services"].items()
        for judge in (_lasting, _bounded, _needs, _secrets, _order)
        for fault in judge(name, service, compose)
    ]


def seconds(text: str) -> int:
    return int(text[:-1]) * {"s": 1, "m": 60}[text[-1]]


def _lasting(name: str, service: Service, _compose: Service) -> Iterator[str]:
    if name in ONCE:
        if service["restart"] != "no":
            yield "a step that is done again and again"
        return
    if service.get("restart") != "unless-stopped":
        yield "does not come back"
    health = service.get("healthcheck", {})
    if not {"test", "interval", "timeout", "retries"} <= set(health):
        yield "does not say whether it is well"
    elif health["test"][0] not in {"CMD", "CMD-SHELL"}:
        yield "its health check is no command"
    if "stop_grace_period" in service and seconds(service["stop_grace_period"]) < 10:
        yield "is killed before it can stop"


def _bounded(name: str, service: Service, _compose: Service) -> Iterator[str]:
    if service.get("read_only") is not True:
        yield "can write into its image"
    if service.get("cap_drop") != ["ALL"] or set(service.get("cap_add", [])) - ROOTS_TASKS:
        yield "has more of root than it needs"
    if "no-new-privileges:true" not in service.get("security_opt", []):
        yield "can become more than it is"
    if service.get("privileged") or service.get("network_mode") == "host":
        yield "is the machine itself"
    if not {"mem_limit", "pids_limit"} <= set(service):
        yield "can take the machine's memory"
    if "max-size" not in service.get("logging", {}).get("options", {}):
        yield "fills the disk with words"
    image = service.get("image", "")
    if "build" not in service and not re.search(r":\d", image):
        yield "is another version tomorrow"


def _needs(_name: str, service: Service, compose: Service) -> Iterator[str]:
    for other, need in service.get("depends_on", {}).items():
        found = compose["services"].get(other)
        if found is None:
            yield f"waits for {other}, which is not there"
        elif need["condition"] == "service_healthy" and "healthcheck" not in found:
            yield f"waits for {other} forever"
    places = {volume.partition(":")[0] for volume in service.get("volumes", [])}
    if {place for place in places if not place.startswith("./")} - set(compose["volumes"]):
        yield "has a volume that is not there"
    for source in (place for place in places if place.startswith("./deploy/")):
        if not (ROOT / source).is_file():
            yield f"mounts {source}, which is not there"
    if set(service.get("networks", [])) - set(compose["networks"]):
        yield "is in a network that is not there"


def _secrets(_name: str, service: Service, compose: Service) -> Iterator[str]:
    given = set(service.get("secrets", []))
    if given - set(compose["secrets"]):
        yield "has a secret that is not there"
    for name, value in service.get("environment", {}).items():
        if not re.search("KEY|PASSWORD|TOKEN|_URL", name):
            continue
        if not (name.endswith("_FILE") and value.startswith("/run/secrets/")):
            yield f"{name} stands in the file"
        elif value.rpartition("/")[2] not in given:
            yield f"{name} is not given to it"
    if any(set(secret) != {"file"} for secret in compose["secrets"].values()):
        yield "a secret is no file"


def _order(name: str, service: Service, _compose: Service) -> Iterator[str]:
    if name in {"web", "worker", "beat", "archive"}:
        step = service.get("depends_on", {}).get("migrate", {})
        if step.get("condition") != "service_completed_successfully":
            yield "does not wait for the migrations"
    if name == "worker":
        grace = seconds(service.get("stop_grace_period", "10s"))
        if grace < WORKER["worker_soft_shutdown_timeout"] + 10:
            yield "is killed before its tasks are given back"
    if "ports" in service and name != "proxy":
        yield "can be reached past the proxy"
