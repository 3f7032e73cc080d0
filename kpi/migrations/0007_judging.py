import django.db.models.deletion
from django.db import migrations, models

import common.models
from common.sql import run_file


class Migration(migrations.Migration):
    dependencies = [
        ("kpi", "0006_bonus_cap"),
        ("orgchart", "0009_transfers"),
        ("staffing", "0015_unexcused"),
        ("zones", "0005_stages"),
    ]

    operations = [
        migrations.AddField(
            model_name="adjustment",
            name="evidence",
            field=models.CharField(blank=True, max_length=200, verbose_name="佐证"),
        ),
        migrations.AddField(
            model_name="adjustment",
            name="opinion",
            field=models.CharField(blank=True, max_length=300, verbose_name="审定意见"),
        ),
        migrations.AddField(
            model_name="adjustment",
            name="revokes",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="revoked_by",
                to="kpi.adjustment",
                verbose_name="撤销的事项",
            ),
        ),
        migrations.AddField(
            model_name="cycle",
            name="notice",
            field=models.TextField(blank=True, verbose_name="公布说明"),
        ),
        migrations.AddField(
            model_name="result",
            name="decision",
            field=models.CharField(blank=True, max_length=300, verbose_name="集体研究意见"),
        ),
        migrations.AddField(
            model_name="result",
            name="facts",
            field=models.JSONField(
                blank=True, default=dict, encoder=common.models.PlainJSON, verbose_name="不定等次的事实"
            ),
        ),
        run_file(__file__, "judging.sql"),
    ]
