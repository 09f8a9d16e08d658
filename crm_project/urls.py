"""All addresses of the product; what an address needs to be seen stands in stores/rights.py."""

from django.urls import include, path

urlpatterns = [
    path("", include("dashboards.urls")),
    path("", include("exchange.urls")),
    path("", include("stores.urls")),
]
