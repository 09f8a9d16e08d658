"""The Celery app: the wake-up call and the muscle; PostgreSQL alone knows the work (R1).

What stands in `WORKER` is R9, and crm_project/checks.py refuses to start with anything else.
"""

import os
import warnings
from typing import Any

from celery import Celery, Task
from celery.platforms import SecurityWarning
from celery.signals import task_postrun, task_prerun
from django.conf import settings

from common import logs
from common.embedded import broker_url
from crm_project.pool import PoolWatch
from crm_project.schedule import SCHEDULE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm_project.settings")

VISIBILITY_TIMEOUT_SECONDS = 1800

WORKER: dict[str, Any] = {
    # A killed child's task runs again, a killed worker's message comes back.
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "worker_prefetch_multiplier": 1,
    # Nobody reads results: the run rows are the result.
    "task_ignore_result": True,
    "result_backend": None,
    # A task must be over long before its message is taken for lost and handed out again.
    "task_time_limit": VISIBILITY_TIMEOUT_SECONDS // 2,
    "task_soft_time_limit": VISIBILITY_TIMEOUT_SECONDS // 2 - 60,
    "worker_max_tasks_per_child": 500,
    "worker_max_memory_per_child": 300 * 1024,  # in KiB
    "worker_soft_shutdown_timeout": 30.0,
    "worker_enable_soft_shutdown_on_idle": True,
    "worker_eta_task_limit": 1000,
    "broker_transport_options": {
        "visibility_timeout": VISIBILITY_TIMEOUT_SECONDS,
        # Without these two kombu 5.7 hands a lost message out again only by chance.
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_timeout": 10,
        "socket_connect_timeout": 3,
        "socket_keepalive": True,
        "health_check_interval": 10,
    },
    "broker_connection_retry_on_startup": True,
    "accept_content": ["json"],
    "task_serializer": "json",
    # R6: one zone, business times are Chinese ones.
    "timezone": "Asia/Shanghai",
    "enable_utc": True,
    # Django's logging masks personal data (R38); Celery's own would not.
    "worker_hijack_root_logger": False,
}

if not settings.SERVED:
    # In a bare container everybody is root; only JSON comes in, so nobody can make it run code.
    warnings.filterwarnings("ignore", category=SecurityWarning)

app = Celery("huitou")
app.conf.update(WORKER, broker_url=broker_url(settings.REDIS_URL))
app.conf.beat_schedule = SCHEDULE
app.steps["worker"].add(PoolWatch)
app.autodiscover_tasks()


def _name_job(task_id: str, task: Task, **_: object) -> None:
    """Every line of a task's log says whose it is."""
    logs.begin(job=task_id, task=task.name)


def _forget_job(**_: object) -> None:
    logs.begin()


task_prerun.connect(_name_job)
task_postrun.connect(_forget_job)
