from django.db import migrations

from common.sql import run_file


class Migration(migrations.Migration):
    """No step of a selection round is skipped, whatever the path."""

    dependencies = [("staffing", "0005_selections"), ("common", "0004_workdays")]

    operations = [run_file(__file__, "selections.sql")]
