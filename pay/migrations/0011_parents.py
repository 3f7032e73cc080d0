from django.db import migrations

from common.sql import run_file


class Migration(migrations.Migration):
    """The foreign keys of a block's allocations are asked for by key, each once."""

    dependencies = [("pay", "0010_scenario_slots")]

    operations = [run_file(__file__, "parents.sql")]
