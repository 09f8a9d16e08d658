"""Addresses of this app: signing in, one's own account, people, the audit log."""

from django.urls import path

from stores.choices import LinkPurpose
from stores.views import account, audit, links, people, sign_in, two_factor

urlpatterns = [
    path("login/", sign_in.login, name="login"),
    path("logout/", sign_in.logout, name="logout"),
    path("language/", account.language, name="language"),
    path("welcome/<str:token>/", links.open_link, {"purpose": LinkPurpose.INVITE}, name="welcome"),
    path(
        "new-password/<str:token>/",
        links.open_link,
        {"purpose": LinkPurpose.RESET},
        name="new_password",
    ),
    path("set-password/", links.set_password, name="set_password"),
    path("two-factor/", two_factor.ask, name="two_factor"),
    path("two-factor/set-up/", two_factor.setup, name="two_factor_setup"),
    path("two-factor/set-up/code.svg", two_factor.picture, name="two_factor_picture"),
    path("account/", account.account, name="account"),
    path("account/weekly-mail/", account.weekly_mail, name="account_weekly_mail"),
    path("account/end-sessions/", account.end_sessions, name="account_end_sessions"),
    path("account/drop-two-factor/", account.drop_two_factor, name="account_drop_two_factor"),
    path("staff/", people.people, name="staff"),
    path("staff/new/", people.add, name="person_new"),
    path("staff/<int:pk>/", people.person, name="person"),
    path("staff/<int:pk>/invite/", people.invite, name="person_invite"),
    path("staff/<int:pk>/reset-password/", people.reset_password, name="person_reset_password"),
    path(
        "staff/<int:pk>/reset-two-factor/", people.reset_two_factor, name="person_reset_two_factor"
    ),
    path("staff/<int:pk>/end-sessions/", people.end_sessions, name="person_end_sessions"),
    path("audit/", audit.audit, name="audit"),
]
