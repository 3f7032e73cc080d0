from django.db import migrations

from common.sql import run_file


class Migration(migrations.Migration):
    """Guards of dated rows that were in force."""

    dependencies = [("common", "0004_workdays")]

    operations = [run_file(__file__, "keeping.sql")]
