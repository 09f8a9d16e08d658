"""Counts of opened links that led nowhere, for their throttle."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("stores", "0002_audit_append_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="LinkMiss",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("address_digest", models.BinaryField(max_length=16, unique=True)),
                ("since", models.DateTimeField()),
                ("misses", models.PositiveIntegerField(default=1)),
            ],
        ),
    ]
