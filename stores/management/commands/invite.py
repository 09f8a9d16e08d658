"""`manage.py invite CODE`: prints a one-time link with which a person sets a password."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse
from django.utils.translation import gettext as _

from stores.choices import LinkPurpose
from stores.models import Staff
from stores.services import links


class Command(BaseCommand):
    help = "Prints a one-time link (72 hours) with which a member of staff sets a password."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="staff code or user name")
        parser.add_argument("--base-url", default="http://127.0.0.1:8000")

    def handle(self, *args: Any, **options: Any) -> None:
        code = options["code"]
        staff = (
            Staff.objects.filter(code=code).first()
            or Staff.objects.filter(username__iexact=code).first()
        )
        if staff is None:
            raise CommandError(
                _("There is nobody with the staff code or user name %(code)s.") % {"code": code}
            )
        if not staff.is_active:
            raise CommandError(_("%(name)s is not active.") % {"name": staff.name})
        token = links.make(staff=staff, purpose=LinkPurpose.INVITE, by=None)
        self.stdout.write(options["base_url"].rstrip("/") + reverse("welcome", args=[token]))
