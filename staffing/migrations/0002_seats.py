from django.db import migrations

from common.sql import run_file


class Migration(migrations.Migration):
    """Posts stand within the structure, appointments within posts and their seats."""

    dependencies = [("staffing", "0001_initial"), ("orgchart", "0002_hold")]

    operations = [run_file(__file__, "seats.sql")]
