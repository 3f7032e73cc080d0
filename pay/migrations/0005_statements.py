import django.db.models.deletion
from django.db import migrations, models

import common.models
from common.sql import run_file


class Migration(migrations.Migration):
    """Hold a run's rows a statement at a time, so that a province can be stored; keep F14's terms, not its drawing."""

    dependencies = [("pay", "0004_life_held")]

    operations = [
        migrations.RenameField("bureaushare", "trace", "terms"),
        migrations.AlterField(
            model_name="bureaushare",
            name="terms",
            field=models.JSONField(default=dict, encoder=common.models.PlainJSON, verbose_name="计算各项"),
        ),
        migrations.AlterField(
            model_name="allocation",
            name="run",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="allocations",
                to="pay.run",
                verbose_name="绩效核算",
            ),
        ),
        migrations.AlterField(
            model_name="allocation",
            name="share",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="allocations",
                to="pay.bureaushare",
                verbose_name="部门额度",
            ),
        ),
        migrations.AlterField(
            model_name="allocation",
            name="person",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="allocations",
                to="staffing.person",
                verbose_name="人员",
            ),
        ),
        run_file(__file__, "statements.sql"),
    ]
