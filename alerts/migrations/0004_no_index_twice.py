"""Takes away indexes of foreign keys that another index begins with.

Altered by Django's own means each key would be taken off and checked anew over the whole table.
"""

import django.db.models.deletion
from django.db import migrations, models

# Index, table, column.
INDEXES = [
    ("alerts_outcome_customer_id_9abc98eb", "alerts_outcome", "customer_id"),
    ("alerts_outcometask_outcome_id_46fac377", "alerts_outcometask", "outcome_id"),
    ("alerts_task_customer_id_99ae7a67", "alerts_task", "customer_id"),
    ("alerts_task_vehicle_id_976f58cd", "alerts_task", "vehicle_id"),
]


def drop(name: str, table: str, column: str) -> migrations.RunSQL:
    """The index as Django had named it."""
    return migrations.RunSQL(
        f'DROP INDEX IF EXISTS "{name}"',
        f'CREATE INDEX IF NOT EXISTS "{name}" ON "{table}" ("{column}")',
    )


class Migration(migrations.Migration):
    dependencies = [
        ("alerts", "0003_indexes_of_the_list"),
        ("customers", "0003_replaced_sealed"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[drop(*index) for index in INDEXES],
            state_operations=[
                migrations.AlterField(
                    model_name="outcome",
                    name="customer",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outcomes",
                        to="customers.customer",
                    ),
                ),
                migrations.AlterField(
                    model_name="outcometask",
                    name="outcome",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tasks",
                        to="alerts.outcome",
                    ),
                ),
                migrations.AlterField(
                    model_name="task",
                    name="customer",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tasks",
                        to="customers.customer",
                    ),
                ),
                migrations.AlterField(
                    model_name="task",
                    name="vehicle",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tasks",
                        to="customers.vehicle",
                    ),
                ),
            ],
        ),
    ]
