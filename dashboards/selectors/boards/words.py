"""Labels of the boards' items."""

from django.utils.translation import gettext_lazy

NODES = {
    "first": gettext_lazy("1st service"),
    "second": gettext_lazy("2nd service"),
    "third": gettext_lazy("3rd service"),
    "fourth": gettext_lazy("4th service"),
    "out_of_warranty": gettext_lazy("after the warranty"),
}
