"""All addresses of the product; what an address needs to be seen stands in stores/rights.py."""

from django.urls import include, path

from dashboards.selectors import metrics as figures
from dashboards.views import health, metrics
from exchange.selectors import queue

# The page for a database that is away, and for every other error.
handler500 = "crm_project.unavailable.handler500"

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("healthz/jobs", health.jobs, name="healthz-jobs"),
    # What dashboards may not import of exchange beside it is handed to its views here.
    path(
        "health/lists/",
        health.lists,
        {"imported_at": queue.newest_import_at},
        name="lists_health",
    ),
    path(
        "metrics", metrics.metrics, {"sources": (figures.families, queue.families)}, name="metrics"
    ),
    path("", include("dashboards.urls")),
    path("", include("exchange.urls")),
    path("", include("stores.urls")),
]
