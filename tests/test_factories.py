"""A test about tests: a model without a factory fails the suite."""

import pytest
from django.apps import apps
from factory.django import DjangoModelFactory

from tests import factories

OURS = {
    "common", "stores", "messaging", "customers", "lifecycle", "alerts", "campaigns", "winback",
    "pipeline", "exchange", "dashboards",
}  # fmt: skip
MODELS = [model for model in apps.get_models() if model._meta.app_label in OURS]
FACTORIES = {
    found._meta.model: found
    for found in vars(factories).values()
    if isinstance(found, type)
    and issubclass(found, DjangoModelFactory)
    and found is not DjangoModelFactory
}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_model_has_a_factory_that_makes_a_row(db, model):
    assert model in FACTORIES, f"write a factory for {model._meta.label} in tests/factories.py"
    assert FACTORIES[model]().pk is not None
