"""Forms for signing in, passwords, people and the filters of their lists."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import password_validation
from django.http import HttpRequest
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from stores import rights
from stores.access import Reader
from stores.choices import AuditAction, Role
from stores.models import Staff, Store
from stores.selectors import staff_of
from stores.services.sign_in import authenticate
from stores.services.staff import Person

PASSWORD_LENGTH = 128  # longer ones only cost hashing time

# In a form of people: a car that is active has another word.
ACTIVE = pgettext_lazy("person", "Active")


def _password(label: Any, autocomplete: str, **kwargs: Any) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(
        label=label, strip=False, max_length=PASSWORD_LENGTH, widget=widget, **kwargs
    )


def _username(**kwargs: Any) -> forms.CharField:
    attrs = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
    return forms.CharField(
        label=_("User name"), max_length=80, widget=forms.TextInput(attrs=attrs), **kwargs
    )


class SignInForm(forms.Form):
    """User name and password; wrong ones give one text, whether the name exists or not (R30)."""

    username = _username()
    password = _password(_("Password"), "current-password")

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.staff: Staff | None = None
        self.fields["username"].widget.attrs["autofocus"] = True

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if "username" in given and "password" in given:
            # In one case: otherwise every spelling of a name had its own count of failures.
            name = given["username"].lower()
            self.staff = authenticate(self.request, username=name, password=given["password"])
            if self.staff is None:
                raise forms.ValidationError(_("User name and password do not match."), "mismatch")
        return given


class NewPasswordForm(forms.Form):
    """A password, twice; and a user name when the person has none yet."""

    username = _username(help_text=_("With this name you sign in from now on."))
    password = _password(
        _("New password"),
        "new-password",
        help_text=_("At least 10 characters; several words are easy to remember."),
    )
    again = _password(_("New password, again"), "new-password")

    def __init__(self, staff: Staff, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.staff = staff
        if staff.username:
            del self.fields["username"]
        elif not self.is_bound:
            self.initial["username"] = staff.code.lower()

    def clean_username(self) -> str:
        return free_username(self.cleaned_data["username"], self.staff)

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        password_validation.validate_password(password, self.staff)
        return password

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if "password" in given and "again" in given and given["password"] != given["again"]:
            self.add_error("again", _("The two passwords are not the same."))
        return given


class ChangePasswordForm(NewPasswordForm):
    """Also asks for the present password; wrong ones count towards the lock-out."""

    present = _password(_("Present password"), "current-password")
    field_order = ["present", "password", "again"]

    def __init__(self, request: HttpRequest, staff: Staff, *args: Any, **kwargs: Any) -> None:
        super().__init__(staff, *args, **kwargs)
        self.request = request

    def clean_present(self) -> str:
        present: str = self.cleaned_data["present"]
        known = authenticate(self.request, username=self.staff.username, password=present)
        if known is None or known.pk != self.staff.pk:
            raise forms.ValidationError(_("This is not your present password."))
        return present


class CodeForm(forms.Form):
    """A code of the second factor, or a recovery code."""

    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}
        ),
    )


class PersonForm(forms.Form):
    """A member of staff, as an administrator sees one."""

    name = forms.CharField(label=_("Name"), max_length=80)
    username = forms.CharField(
        label=_("User name"),
        max_length=80,
        required=False,
        help_text=_("May stay empty: the person then chooses one with the invitation."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "autocomplete": "off"}),
    )
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    stores = forms.ModelMultipleChoiceField(
        label=_("Stores"),
        queryset=Store.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Group managers and administrators see every store of the group."),
    )
    is_active = forms.BooleanField(label=ACTIVE, required=False, initial=True)

    def __init__(self, reader: Reader, staff: Staff | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.staff = staff
        stores = Store.objects.filter(group_id=reader.staff.group_id).order_by("name", "pk")
        self.fields["stores"].queryset = stores  # type: ignore[attr-defined]
        if staff is not None:
            self.initial = {
                "name": staff.name,
                "username": staff.username,
                "role": staff.role,
                "stores": list(staff.stores.values_list("pk", flat=True)),
                "is_active": staff.is_active,
            }

    def clean_username(self) -> str:
        name = self.cleaned_data["username"]
        if not name and self.staff is not None and self.staff.username:
            raise forms.ValidationError(_("Somebody who signs in needs a user name."))
        return free_username(name, self.staff)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        role, chosen = given.get("role"), given.get("stores")
        if role and chosen is not None and role not in rights.GROUP_WIDE and not chosen:
            self.add_error("stores", _("Choose at least one store."))
        if role == Role.ADVISOR and chosen is not None and len(chosen) > 1:
            self.add_error("stores", _("An advisor works at one store."))
        return given

    def person(self) -> Person:
        """The decision, once valid."""
        given = self.cleaned_data
        return Person(
            name=given["name"],
            username=given["username"],
            role=Role(given["role"]),
            is_active=given["is_active"],
            stores=tuple(given["stores"]),
        )


class NewPersonForm(PersonForm):
    """Also asks for the staff code, which never changes afterwards."""

    code = forms.CharField(label=_("Staff code"), max_length=40)
    field_order = ["code", "name", "username", "role", "stores", "is_active"]

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if Staff.objects.filter(code=code).exists():
            raise forms.ValidationError(_("This staff code is taken."))
        return code


class PeopleFilter(forms.Form):
    """The filter of the staff list."""

    q = forms.CharField(label=_("Search"), max_length=80, required=False)
    store = forms.ModelChoiceField(
        label=_("Store"), queryset=Store.objects.none(), required=False, empty_label=_("All stores")
    )
    role = forms.ChoiceField(
        label=_("Role"), choices=[("", _("All roles")), *Role.choices], required=False
    )
    active = forms.ChoiceField(
        label=_("State"),
        choices=[("", _("All")), ("yes", ACTIVE), ("no", _("Disabled"))],
        required=False,
    )

    def __init__(self, reader: Reader, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stores = Store.objects.filter(pk__in=reader.store_ids).order_by("name", "pk")
        self.fields["store"].queryset = stores  # type: ignore[attr-defined]


class AuditFilter(forms.Form):
    """The filter of the audit log."""

    action = forms.ChoiceField(
        label=_("Action"), choices=[("", _("All actions")), *AuditAction.choices], required=False
    )
    actor = forms.ModelChoiceField(
        label=_("Person"), queryset=Staff.objects.none(), required=False, empty_label=_("Everybody")
    )
    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, reader: Reader, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["actor"].queryset = staff_of(reader)  # type: ignore[attr-defined]


class LanguageForm(forms.Form):
    """One of the languages of the product."""

    language = forms.ChoiceField(choices=settings.LANGUAGES)


def free_username(name: str, staff: Staff | None) -> str:
    """`name` in lower case; a form error when somebody else has it, in any case."""
    name = name.strip().lower()
    others = Staff.objects.exclude(pk=staff.pk) if staff else Staff.objects.all()
    if name and others.filter(username__iexact=name).exists():
        raise forms.ValidationError(gettext("This user name is taken."))
    return name
