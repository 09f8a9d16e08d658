"""The audit log is only ever added to (R40); user names are unique in any case."""

import django.db.models.functions.text
from django.db import migrations, models

REFUSE = """
CREATE FUNCTION stores_auditentry_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER stores_auditentry_append_only BEFORE UPDATE OR DELETE ON stores_auditentry
    FOR EACH ROW EXECUTE FUNCTION stores_auditentry_refuse();
"""
ALLOW = """
DROP TRIGGER stores_auditentry_append_only ON stores_auditentry;
DROP FUNCTION stores_auditentry_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("stores", "0001_initial")]

    operations = [
        migrations.RunSQL(REFUSE, ALLOW),
        migrations.AddConstraint(
            model_name="staff",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("username"), name="username_once_in_any_case"
            ),
        ),
    ]
