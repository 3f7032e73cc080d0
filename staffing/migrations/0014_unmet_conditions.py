from django.db import migrations

from common.sql import run_file


class Migration(migrations.Migration):
    """Nobody is decided for a post whose conditions he does not meet, nor below the published mark."""

    dependencies = [("staffing", "0013_retirement")]

    operations = [run_file(__file__, "unmet_conditions.sql")]
