from django.db import migrations

from common.sql import run_file


class Migration(migrations.Migration):
    """What APT-08 finds of absences without leave, counted in working days."""

    dependencies = [("staffing", "0014_unmet_conditions"), ("common", "0004_workdays")]

    operations = [run_file(__file__, "unexcused.sql")]
