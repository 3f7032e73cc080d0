from django.db import migrations

from common.sql import run_file


class Migration(migrations.Migration):
    """Which parks of a city are positioned on the same industries."""

    dependencies = [("zones", "0003_organ")]

    operations = [run_file(__file__, "overlap.sql")]
