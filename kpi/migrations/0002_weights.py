from django.db import migrations

from common.sql import run_file


class Migration(migrations.Migration):
    """Weights sum to 100; closed cycles stay closed."""

    dependencies = [("kpi", "0001_initial")]

    operations = [run_file(__file__, "weights.sql")]
