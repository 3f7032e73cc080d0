from django.db import migrations

from common.sql import run_file


class Migration(migrations.Migration):
    """The hold at COMMIT, and the first rules it holds."""

    dependencies = [("orgchart", "0001_initial"), ("zones", "0002_territory")]

    operations = [run_file(__file__, "hold.sql"), run_file(__file__, "rules.sql")]
