from django.db import migrations

from common.sql import run_file


class Migration(migrations.Migration):
    """People sum to bureaus, bureaus to the pool; a computed run stays as it was."""

    dependencies = [("pay", "0001_initial"), ("common", "0002_guards")]

    operations = [run_file(__file__, "sums.sql")]
