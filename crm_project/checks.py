"""System checks: the worker's configuration is R9 and nothing else, every periodic job is bounded.

They run at each start of the worker and of any management command, so a drift stops there.
"""

import importlib
from collections.abc import Iterable, Mapping
from typing import Any

from celery import Celery
from django.core.checks import CheckMessage, Error, register

# R9, written out a second time on purpose: a slip in crm_project/celery.py must not pass here.
DEMANDED = {
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "worker_prefetch_multiplier": 1,
    "task_ignore_result": True,
    "result_backend": None,
    "worker_max_tasks_per_child": 500,
    "worker_max_memory_per_child": 307_200,
    "worker_soft_shutdown_timeout": 30.0,
    "worker_enable_soft_shutdown_on_idle": True,
    "worker_eta_task_limit": 1000,
    "broker_connection_retry_on_startup": True,
    "accept_content": ["json"],
    "task_serializer": "json",
    "timezone": "Asia/Shanghai",
    "enable_utc": True,
}
DEMANDED_TRANSPORT = {
    "visibility_timeout": 1800,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 10,
    "socket_connect_timeout": 3,
    "socket_keepalive": True,
    "health_check_interval": 10,
}


def worker_errors(conf: Mapping[str, Any]) -> list[CheckMessage]:
    """What of a Celery configuration differs from R9."""
    found = {name: conf.get(name) for name in DEMANDED}
    transport = conf.get("broker_transport_options") or {}
    differing = [
        *_differences(found, DEMANDED, ""),
        *_differences(transport, DEMANDED_TRANSPORT, "broker_transport_options."),
    ]
    return [*differing, *_limit_errors("Celery", *_limits(conf, "task_"))]


def schedule_errors(jobs: Mapping[str, Mapping[str, Any]]) -> list[CheckMessage]:
    """Periodic jobs without time limits, without an expiry, or whose task does not exist."""
    errors: list[CheckMessage] = []
    for name, entry in jobs.items():
        options = entry.get("options", {})
        errors += _limit_errors(f"The periodic job {name!r}", *_limits(options, ""))
        if not options.get("expires"):
            errors.append(_error(f"The periodic job {name!r} never expires in the queue."))
        if not _exists(entry["task"]):
            errors.append(_error(f"The periodic job {name!r} names no task: {entry['task']}."))
    return errors


@register()
def celery_is_configured(**_: object) -> list[CheckMessage]:
    """R9 for the app that worker and beat run."""
    from crm_project.celery import app

    return check_app(app)


def check_app(app: Celery) -> list[CheckMessage]:
    """Both checks for one Celery app."""
    return [*worker_errors(app.conf), *schedule_errors(app.conf.beat_schedule)]


def _differences(
    found: Mapping[str, Any], demanded: Mapping[str, Any], prefix: str
) -> Iterable[CheckMessage]:
    for name, value in demanded.items():
        if found.get(name) != value:
            yield _error(f"{prefix}{name} is {found.get(name)!r}; R9 demands {value!r}.")


def _limits(values: Mapping[str, Any], prefix: str) -> tuple[float | None, float | None]:
    return values.get(f"{prefix}soft_time_limit"), values.get(f"{prefix}time_limit")


def _limit_errors(who: str, soft: float | None, hard: float | None) -> list[CheckMessage]:
    longest = DEMANDED_TRANSPORT["visibility_timeout"] / 2
    if soft is None or hard is None:
        return [_error(f"{who} has no time limit.")]
    if not 0 < soft < hard <= longest:
        return [_error(f"{who}: 0 < soft limit {soft} < limit {hard} <= {longest} s must hold.")]
    return []


def _exists(task: str) -> bool:
    module, _, name = task.rpartition(".")
    try:
        return bool(getattr(importlib.import_module(module), name).name == task)
    except (ImportError, ValueError, AttributeError):
        return False


def _error(message: str) -> Error:
    return Error(message, id="huitou.E001")
