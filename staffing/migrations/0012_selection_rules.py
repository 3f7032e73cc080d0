from django.db import migrations

from common.sql import run_file


class Migration(migrations.Migration):
    """What the rules of selection rounds find (staffing/rules/selection.py)."""

    dependencies = [("staffing", "0011_transfer_staff"), ("orgchart", "0005_engine")]

    operations = [run_file(__file__, "selection_rules.sql")]
