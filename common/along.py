"""Rows of another table that come along with each row of a query: one question instead of two."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import QuerySet
from django.db.models.functions import JSONObject


def along(rows: QuerySet[Any], *names: str) -> ArraySubquery:
    """The fields of `rows` (few, tied to the query by an OuterRef) as a list of dicts.

    As JSON has them: dates and moments are ISO text.
    """
    return ArraySubquery(rows.values(fields=JSONObject(**{name: name for name in names})))
