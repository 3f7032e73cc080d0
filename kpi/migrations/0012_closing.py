from django.db import migrations

from common.sql import run_file


class Migration(migrations.Migration):
    """A year closes once the clocks of its reviews and appeals are over."""

    dependencies = [("kpi", "0011_evidence"), ("common", "0004_workdays")]

    operations = [run_file(__file__, "closing.sql")]
