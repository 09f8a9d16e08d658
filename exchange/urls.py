"""Addresses of this app."""

from django.urls import path

from exchange.views import imports

urlpatterns = [
    path("imports/", imports.imports, name="imports"),
    path("imports/upload/", imports.imports_upload, name="imports_upload"),
    path("imports/findings/", imports.import_findings, name="import_findings"),
    path("imports/template/<slug:kind>.csv", imports.import_template, name="import_template"),
    path("imports/<int:pk>/", imports.import_file, name="import_file"),
    path("imports/<int:pk>/rejected.csv", imports.import_rejected, name="import_rejected"),
]
