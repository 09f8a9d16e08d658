"""The weights of the scorecard are settings."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("stores", "0003_link_misses"),
    ]

    operations = [
        migrations.AlterField(
            model_name="policy",
            name="kind",
            field=models.CharField(
                choices=[
                    ("plan", "Service plans"),
                    ("warning", "Warning rules"),
                    ("segment", "Customer segments"),
                    ("task", "Task queue"),
                    ("scorecard", "Scorecard"),
                ],
                max_length=20,
            ),
        ),
    ]
