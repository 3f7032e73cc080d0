from django.db import migrations

from common.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("kpi", "0004_the_whole_year")]

    operations = [run_file(__file__, "promises.sql")]
