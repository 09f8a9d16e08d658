"""Leaves room in the pages of the states, so that a night's changes need no new index entries."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("lifecycle", "0001_initial")]
    operations: ClassVar = [
        # Read by nobody: a changed row stays on its page (HOT) unless a level in an index changes.
        migrations.RunSQL(
            "ALTER TABLE lifecycle_vehiclestate SET (fillfactor = 85)",
            "ALTER TABLE lifecycle_vehiclestate RESET (fillfactor)",
        )
    ]
