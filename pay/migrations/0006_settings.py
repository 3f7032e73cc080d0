from django.db import migrations

from common.sql import run_file


class Migration(migrations.Migration):
    """Every scheme names how it decides the edge cases."""

    dependencies = [("pay", "0005_statements")]

    operations = [run_file(__file__, "settings.sql")]
