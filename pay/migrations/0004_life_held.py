from django.db import migrations

from common.sql import run_file


class Migration(migrations.Migration):
    """Who signed what stays, corrections sum up; earlier runs get the columns that traces are drawn from."""

    dependencies = [("pay", "0003_life")]

    operations = [run_file(__file__, "factors.sql"), run_file(__file__, "life.sql")]
