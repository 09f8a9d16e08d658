"""Addresses of this app."""

from django.urls import path

from dashboards.views import customers, home, jobs, settings, store, today

urlpatterns = [
    path("", home.home, name="home"),
    path("today/", today.today, name="today"),
    path("today/<int:customer_id>/", today.card, name="card"),
    path("store/", store.store, name="store"),
    path("store/warnings/", store.warnings, name="store_warnings"),
    path("customers/", customers.customers, name="customers"),
    path("customers/<int:pk>/", customers.customer, name="customer"),
    path("customers/<int:pk>/phone/", customers.phone, name="customer_phone"),
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
