"""Password rules beyond Django's: words everybody in a dealership would try first (R29)."""

import re
from pathlib import Path

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stores.models import Staff

WORDS = frozenset(Path(__file__).with_name("trade_words.txt").read_text("utf-8").split())
_EASY = re.compile(r"[\W\d_]+")


class LengthValidator(MinimumLengthValidator):
    """Django's rule with a text of ours: Django 5.2 has none in Chinese."""

    def get_error_message(self) -> str:
        text = ngettext(
            "Enter at least %(n)d character.", "Enter at least %(n)d characters.", self.min_length
        )
        return text % {"n": self.min_length}


class TradeWordsValidator:
    """Refuses passwords that are such a word, or the store's or group's name, plus digits."""

    def validate(self, password: str, user: Staff | None = None) -> None:
        bare = _EASY.sub("", password).lower()
        if not bare or bare in WORDS | _names_of(user):
            message = _("This password is easy to guess: it is a common word or name with digits.")
            raise ValidationError(message, code="password_trade_word")

    def get_help_text(self) -> str:
        return _("Your password can't be a brand, a city or your store's name with digits.")


def _names_of(user: Staff | None) -> frozenset[str]:
    if user is None or user.pk is None:
        return frozenset()
    names = [user.group.name, *user.stores.values_list("name", flat=True)]
    names += [
        *user.stores.values_list("code", flat=True),
        *user.stores.values_list("city", flat=True),
    ]
    return frozenset(_EASY.sub("", name).lower() for name in names)
