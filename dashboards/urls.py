"""Addresses of this app."""

from django.urls import path

from dashboards.views import jobs, settings

urlpatterns = [
    path("settings/", settings.settings, name="settings"),
    path("settings/<slug:kind>/", settings.settings_kind, name="settings_kind"),
    path("settings/<slug:kind>/save/", settings.settings_save, name="settings_save"),
    path("settings/<slug:kind>/versions/", settings.settings_history, name="settings_history"),
    path(
        "settings/<slug:kind>/versions/<int:number>/restore/",
        settings.settings_restore,
        name="settings_restore",
    ),
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/<int:pk>/", jobs.job, name="job"),
    path("jobs/<int:pk>/again/", jobs.job_again, name="job_again"),
]
