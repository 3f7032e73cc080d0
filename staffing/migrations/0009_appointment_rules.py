from django.db import migrations

from common.sql import run_file


class Migration(migrations.Migration):
    """What the rules of appointments and sanctions find, and the hold of the roster at COMMIT."""

    dependencies = [("staffing", "0008_facts_kept"), ("orgchart", "0005_engine")]

    operations = [run_file(__file__, "appointment_rules.sql")]
