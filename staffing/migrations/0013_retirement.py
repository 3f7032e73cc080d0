from django.db import migrations

from common.sql import run_file


class Migration(migrations.Migration):
    """No term runs past the day of retiring."""

    dependencies = [("staffing", "0012_selection_rules")]

    operations = [run_file(__file__, "retirement.sql")]
