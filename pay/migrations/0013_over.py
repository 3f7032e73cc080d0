from django.db import migrations

from common.sql import run_file


class Migration(migrations.Migration):
    """Who is beyond a unit's establishment, month by month: what a scheme may leave out (over_establishment)."""

    dependencies = [("pay", "0012_rules"), ("orgchart", "0009_transfers"), ("staffing", "0015_unexcused")]

    operations = [run_file(__file__, "over.sql")]
