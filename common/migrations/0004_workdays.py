from django.db import migrations

from common.sql import run_file


class Migration(migrations.Migration):
    """The working calendar, for triggers that count working days."""

    dependencies = [("common", "0003_job")]

    operations = [run_file(__file__, "workdays.sql")]
