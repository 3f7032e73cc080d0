from django.db import migrations

from common.sql import run_file


class Migration(migrations.Migration):
    """The law of a day, and what stood on it, cannot be rewritten."""

    dependencies = [("common", "0005_keeping"), ("orgchart", "0007_more_rules")]

    operations = [run_file(__file__, "keeping.sql")]
