"""All addresses of the product; what an address needs to be seen stands in stores/rights.py."""

from django.urls import include, path

from dashboards.views import health

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("healthz/jobs", health.jobs, name="healthz-jobs"),
    path("", include("dashboards.urls")),
    path("", include("exchange.urls")),
    path("", include("stores.urls")),
]
