"""The web server's settings when served: `gunicorn --config deploy/gunicorn.py`."""

import os

from common import logs

wsgi_app = "crm_project.wsgi"
bind = os.environ.get("HUITOU_BIND", "0.0.0.0:8000")  # noqa: S104 - inside its container
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4
graceful_timeout = 10
control_socket_disable = True
# /tmp is in memory there; a heartbeat file on a slow disk would get busy workers killed.
worker_tmp_dir = "/dev/shm"  # noqa: S108
# The same lines as Django's: what the server says of a request that broke is told, not quoted.
logconfig_dict = logs.config(served=True, level=os.environ.get("HUITOU_LOG_LEVEL", "INFO"))
