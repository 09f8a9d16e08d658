"""What became of the cars that were warned of at past month-ends."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0004_no_index_twice"),
        ("lifecycle", "0005_spending"),
        ("stores", "0004_scorecard_settings"),
    ]

    operations = [
        migrations.CreateModel(
            name="JudgedWarning",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month_end_on", models.DateField()),
                (
                    "risk_level",
                    models.CharField(
                        choices=[
                            ("high", "high risk"),
                            ("medium", "medium risk"),
                            ("low", "low risk"),
                        ],
                        max_length=6,
                    ),
                ),
                ("score", models.PositiveSmallIntegerField()),
                ("is_due", models.BooleanField()),
                ("days_overdue", models.PositiveIntegerField()),
                ("idle_days", models.PositiveIntegerField()),
                ("has_come", models.BooleanField()),
                ("is_lost", models.BooleanField()),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
                (
                    "store",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="stores.store",
                    ),
                ),
                (
                    "vehicle",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="customers.vehicle",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("store", "month_end_on", "vehicle"), name="judged_once_a_month"
                    )
                ],
            },
        ),
    ]
