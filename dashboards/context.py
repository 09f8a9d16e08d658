"""What the frame around every page shows: brand, stores, menu by rights, person, languages."""

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, gettext, gettext_lazy, ngettext, pgettext_lazy

from dashboards.selectors.menu import cards_on_list
from stores.access import Reader
from stores.rights import Right

# Right, address name, label; a group of the menu a tuple. Shown when the reader has the right.
MENU = (
    (
        (Right.STORE_BOARD, "brief", gettext_lazy("Morning brief")),
        (Right.CALL_LIST, "today", gettext_lazy("Today's calls")),
        (Right.CALL_LIST, "lane", gettext_lazy("Second visit")),
        (Right.STORE_BOARD, "store", gettext_lazy("Store today")),
        (Right.TEAM, "team", gettext_lazy("Team today")),
        (Right.CUSTOMERS, "customers", pgettext_lazy("menu", "Customers")),
    ),
    (
        (Right.STORE_BOARD, "lifecycle", gettext_lazy("Lifecycle board")),
        (Right.STORE_BOARD, "cohorts", gettext_lazy("Retention and cohorts")),
        (Right.STORE_BOARD, "kpi", gettext_lazy("Key figures")),
        (Right.SCORECARD, "scorecard", gettext_lazy("Scorecard")),
        (Right.STORE_BOARD, "weekly", gettext_lazy("Weekly report")),
        (Right.STORE_BOARD, "money", gettext_lazy("Spending and revenue")),
        (Right.GROUP_BOARD, "stores_board", gettext_lazy("Stores side by side")),
        (Right.STORE_BOARD, "warnings_board", gettext_lazy("Were warnings right?")),
        (Right.STORE_BOARD, "data_health", gettext_lazy("Data health")),
    ),
    (
        (Right.SETTINGS_READ, "settings", gettext_lazy("Settings")),
        (Right.SCRIPTS, "scripts", gettext_lazy("Call scripts")),
        (Right.IMPORT, "imports", gettext_lazy("Imports")),
        (Right.JOBS, "jobs", gettext_lazy("Nightly jobs")),
        (Right.STAFF, "staff", gettext_lazy("Stores and staff")),
        (Right.AUDIT, "audit", gettext_lazy("Audit log")),
    ),
)


@dataclass(frozen=True)
class MenuItem:
    """A line of the menu; `count` None shows none."""

    label: str
    url: str
    is_here: bool
    count: int | None = None


@dataclass(frozen=True)
class Frame:
    """Inputs of templates/base.html."""

    brand: str
    banner: str
    here: str
    language: str
    languages: tuple[tuple[str, str], ...]
    language_url: str
    home_url: str
    sign_out_url: str
    account_url: str
    person: str = ""
    role: str = ""
    where: str = ""
    menu: list[list[MenuItem]] = field(default_factory=list)


def _banner() -> str:
    if settings.TWO_FACTOR_REQUIRED or settings.SERVED:
        return ""
    return gettext("Two-factor sign-in is off: this is a demonstration or a single machine.")


def _where(reader: Reader) -> str:
    """The store's name; of several stores, the group and how many."""
    stores = reader.stores
    if len(stores) == 1:
        return gettext("%(store)s · service retention") % {"store": stores[0].name}
    count = len(stores)
    return ngettext("%(count)d store", "%(count)d stores", count) % {"count": count}


def _menu(request: HttpRequest, reader: Reader) -> list[list[MenuItem]]:
    menu = []
    for group in MENU:
        items = []
        for right, name, label in group:
            if not reader.has(right):
                continue
            url = reverse(name)
            here = request.path.startswith(url)
            count = cards_on_list(reader, timezone.now()) if name == "today" else None
            items.append(MenuItem(str(label), url, here, count))
        if items:
            menu.append(items)
    return menu


def frame(request: HttpRequest) -> dict[str, object]:
    """`frame` of every page, made when a template asks: a fragment for HTMX does not."""
    return {"frame": SimpleLazyObject(lambda: _frame(request))}


def _frame(request: HttpRequest) -> Frame:
    facts: dict[str, Any] = {
        "brand": gettext("Huitou"),
        "banner": _banner(),
        "here": request.get_full_path(),
        "language": get_language() or settings.LANGUAGE_CODE,
        "languages": (("zh-hans", "中文"), ("en", "English")),
        "language_url": reverse("language"),
        "home_url": reverse("home"),
        "sign_out_url": reverse("logout"),
        "account_url": reverse("account"),
    }
    # None before signing in is complete, missing on an error page outside the middleware.
    reader = getattr(request, "reader", None)
    if reader is not None:
        facts["person"] = reader.staff.name
        facts["role"] = reader.staff.get_role_display()
        facts["where"] = _where(reader)
        facts["menu"] = _menu(request, reader)
    return Frame(**facts)
