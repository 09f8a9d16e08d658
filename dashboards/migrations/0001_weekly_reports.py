"""Weekly reports and their mails."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("stores", "0005_weekly_mail"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="WeeklyReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("monday_on", models.DateField()),
                ("as_of", models.DateField()),
                ("matters", models.JSONField(default=list)),
                ("made_at", models.DateTimeField()),
                (
                    "store",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="stores.store",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="WeeklyMail",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waits to be sent"),
                            ("sending", "is being sent"),
                            ("sent", "sent"),
                            ("failed", "not sent"),
                            ("unsure", "perhaps not sent"),
                        ],
                        default="waiting",
                        max_length=7,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("next_at", models.DateTimeField()),
                ("claimed_at", models.DateTimeField(null=True)),
                ("sent_at", models.DateTimeField(null=True)),
                (
                    "trouble",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("no_line", "the mail server could not be reached"),
                            ("refused", "the mail server refused it"),
                            ("broke", "the line broke while it was being sent"),
                            ("ended", "the process ended while it was being sent"),
                            ("unwanted", "the reader left or switched it off"),
                            ("late", "given up after two days"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mails",
                        to="dashboards.weeklyreport",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="weeklyreport",
            constraint=models.UniqueConstraint(
                fields=("store", "monday_on"), name="weekly_report_once"
            ),
        ),
        migrations.AddIndex(
            model_name="weeklymail",
            index=models.Index(
                condition=models.Q(("state__in", ["waiting", "sending"])),
                fields=["state", "next_at"],
                name="weekly_mail_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="weeklymail",
            constraint=models.UniqueConstraint(fields=("report", "staff"), name="weekly_mail_once"),
        ),
    ]
