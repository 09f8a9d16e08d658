"""Every service of docker-compose.yml is as it must be, and a file that is not is caught."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.tooling.composing import Service, faults, read

Change = Callable[[dict[str, Service]], Any]


def test_every_service_is_as_it_must_be() -> None:
    assert faults(read()) == []


WRONG: dict[str, Change] = {
    "web: does not come back": lambda s: s["web"].pop("restart"),
    "migrate: a step that is done again and again": lambda s: s["migrate"].update(restart="always"),
    "beat: does not say whether it is well": lambda s: s["beat"].pop("healthcheck"),
    "valkey: can write into its image": lambda s: s["valkey"].pop("read_only"),
    "worker: has more of root than it needs": lambda s: s["worker"].update(cap_add=["SYS_ADMIN"]),
    "proxy: can become more than it is": lambda s: s["proxy"].pop("security_opt"),
    "web: is the machine itself": lambda s: s["web"].update(privileged=True),
    "postgres: can take the machine's memory": lambda s: s["postgres"].pop("mem_limit"),
    "worker: fills the disk with words": lambda s: s["worker"].pop("logging"),
    "postgres: is another version tomorrow": lambda s: s["postgres"].update(image="postgres"),
    "web: waits for nobody, which is not there": lambda s: s["web"]["depends_on"].update(
        nobody={"condition": "service_started"}
    ),
    "web: has a volume that is not there": lambda s: s["web"].update(volumes=["lost:/lost"]),
    "proxy: mounts ./deploy/Caddyfil, which is not there": lambda s: s["proxy"].update(
        volumes=["./deploy/Caddyfil:/etc/caddy/Caddyfile:ro"]
    ),
    "web: HUITOU_SECRET_KEY stands in the file": lambda s: s["web"]["environment"].update(
        HUITOU_SECRET_KEY="guessed"
    ),
    "web: HUITOU_BACKUP_KEY_FILE is not given to it": lambda s: s["web"]["environment"].update(
        HUITOU_BACKUP_KEY_FILE="/run/secrets/backup_key"
    ),
    "worker: does not wait for the migrations": lambda s: s["worker"]["depends_on"].pop("migrate"),
    "worker: is killed before its tasks are given back": lambda s: s["worker"].update(
        stop_grace_period="10s"
    ),
    "postgres: can be reached past the proxy": lambda s: s["postgres"].update(ports=["5432:5432"]),
}


@pytest.mark.parametrize("fault", WRONG)
def test_control_a_broken_file_is_caught(fault: str) -> None:
    compose = read()
    services = {
        name: {
            **service,
            "environment": dict(service.get("environment", {})),
            "depends_on": dict(service.get("depends_on", {})),
        }
        for name, service in compose["services"].items()
    }
    WRONG[fault](services)
    assert faults({**compose, "services": services}) == [fault]
