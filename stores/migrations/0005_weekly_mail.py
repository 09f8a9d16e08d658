"""Managers may do without the weekly report by e-mail."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("stores", "0004_scorecard_settings"),
    ]

    operations = [
        migrations.AddField(
            model_name="staff",
            name="has_weekly_mail",
            field=models.BooleanField(db_default=True, default=True),
        ),
    ]
