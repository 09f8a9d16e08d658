"""Takes away indexes of foreign keys that another index begins with.

Altered by Django's own means each key would be taken off and checked anew over the whole table.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Index, table, column.
INDEXES = [
    ("customers_appointment_store_id_72244b9e", "customers_appointment", "store_id"),
    ("customers_appointment_vehicle_id_4a23cf83", "customers_appointment", "vehicle_id"),
    (
        "customers_appointmentchange_appointment_id_c16d1ce0",
        "customers_appointmentchange",
        "appointment_id",
    ),
    ("customers_complaint_store_id_77954fbc", "customers_complaint", "store_id"),
    ("customers_complaint_vehicle_id_ffbf924a", "customers_complaint", "vehicle_id"),
    ("customers_consentevent_customer_id_dd315eae", "customers_consentevent", "customer_id"),
    ("customers_contact_customer_id_b9afc0da", "customers_contact", "customer_id"),
    ("customers_contact_store_id_e7b0b6bc", "customers_contact", "store_id"),
    ("customers_customer_advisor_id_8891e508", "customers_customer", "advisor_id"),
    ("customers_customer_store_id_3de17114", "customers_customer", "store_id"),
    ("customers_engagement_customer_id_346b6574", "customers_engagement", "customer_id"),
    ("customers_ownership_customer_id_ae342e45", "customers_ownership", "customer_id"),
    ("customers_ownership_vehicle_id_9ca00907", "customers_ownership", "vehicle_id"),
    ("customers_survey_vehicle_id_324eccea", "customers_survey", "vehicle_id"),
    ("customers_vehicle_customer_id_e9e00782", "customers_vehicle", "customer_id"),
    ("customers_vehicle_store_id_6f80d231", "customers_vehicle", "store_id"),
    ("customers_visit_customer_id_68cca658", "customers_visit", "customer_id"),
    ("customers_visit_store_id_79e4fbae", "customers_visit", "store_id"),
    ("customers_visit_vehicle_id_1618bba4", "customers_visit", "vehicle_id"),
]


def drop(name: str, table: str, column: str) -> migrations.RunSQL:
    """The index as Django had named it."""
    return migrations.RunSQL(
        f'DROP INDEX IF EXISTS "{name}"',
        f'CREATE INDEX IF NOT EXISTS "{name}" ON "{table}" ("{column}")',
    )


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0003_replaced_sealed"),
        ("stores", "0003_link_misses"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[drop(*index) for index in INDEXES],
            state_operations=[
                migrations.AlterField(
                    model_name="appointment",
                    name="store",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appointments",
                        to="stores.store",
                    ),
                ),
                migrations.AlterField(
                    model_name="appointment",
                    name="vehicle",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appointments",
                        to="customers.vehicle",
                    ),
                ),
                migrations.AlterField(
                    model_name="appointmentchange",
                    name="appointment",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="customers.appointment",
                    ),
                ),
                migrations.AlterField(
                    model_name="complaint",
                    name="store",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="complaints",
                        to="stores.store",
                    ),
                ),
                migrations.AlterField(
                    model_name="complaint",
                    name="vehicle",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="complaints",
                        to="customers.vehicle",
                    ),
                ),
                migrations.AlterField(
                    model_name="consentevent",
                    name="customer",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="consents",
                        to="customers.customer",
                    ),
                ),
                migrations.AlterField(
                    model_name="contact",
                    name="customer",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contacts",
                        to="customers.customer",
                    ),
                ),
                migrations.AlterField(
                    model_name="contact",
                    name="store",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contacts",
                        to="stores.store",
                    ),
                ),
                migrations.AlterField(
                    model_name="customer",
                    name="advisor",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="customers",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="customer",
                    name="store",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="customers",
                        to="stores.store",
                    ),
                ),
                migrations.AlterField(
                    model_name="engagement",
                    name="customer",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="engagement",
                        to="customers.customer",
                    ),
                ),
                migrations.AlterField(
                    model_name="ownership",
                    name="customer",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ownerships",
                        to="customers.customer",
                    ),
                ),
                migrations.AlterField(
                    model_name="ownership",
                    name="vehicle",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ownerships",
                        to="customers.vehicle",
                    ),
                ),
                migrations.AlterField(
                    model_name="survey",
                    name="vehicle",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="surveys",
                        to="customers.vehicle",
                    ),
                ),
                migrations.AlterField(
                    model_name="vehicle",
                    name="customer",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="vehicles",
                        to="customers.customer",
                    ),
                ),
                migrations.AlterField(
                    model_name="vehicle",
                    name="store",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="vehicles",
                        to="stores.store",
                    ),
                ),
                migrations.AlterField(
                    model_name="visit",
                    name="customer",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="customers.customer",
                    ),
                ),
                migrations.AlterField(
                    model_name="visit",
                    name="store",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="stores.store",
                    ),
                ),
                migrations.AlterField(
                    model_name="visit",
                    name="vehicle",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="customers.vehicle",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                condition=models.Q(
                    ("erased_on__isnull", False), ("merged_into__isnull", False), _connector="OR"
                ),
                fields=["id"],
                name="customer_gone",
            ),
        ),
    ]
