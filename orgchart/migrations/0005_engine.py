from django.db import migrations

from common.sql import run_file


class Migration(migrations.Migration):
    """Rules whose finders give facts; exceptions; scopes; parks that report to a city."""

    dependencies = [("orgchart", "0004_law"), ("zones", "0003_organ")]

    operations = [
        run_file(__file__, "engine.sql"),
        run_file(__file__, "finders.sql"),
    ]
