import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from common.sql import run_file


class Migration(migrations.Migration):
    """A project's stages by day; figures cumulative within a year."""

    dependencies = [
        ("zones", "0004_overlap"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ProjectStage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_example", models.BooleanField(default=False, verbose_name="示例")),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("talks", "洽谈"),
                            ("signed", "签约"),
                            ("building", "在建"),
                            ("done", "竣工"),
                            ("producing", "达产"),
                            ("dropped", "终止"),
                        ],
                        max_length=10,
                        verbose_name="阶段",
                    ),
                ),
                ("as_of", models.DateField(verbose_name="截至")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="说明")),
                ("source", models.CharField(blank=True, max_length=200, verbose_name="出处")),
            ],
            options={
                "verbose_name": "项目阶段",
                "verbose_name_plural": "项目阶段",
                "ordering": ["project", "as_of"],
            },
        ),
        migrations.AlterModelOptions(
            name="figure",
            options={
                "ordering": ["unit", "metric", "year", "through", "vintage"],
                "verbose_name": "基础数据",
                "verbose_name_plural": "基础数据",
            },
        ),
        migrations.RemoveConstraint(
            model_name="figure",
            name="zones_figure_one_a_vintage",
        ),
        migrations.AddField(
            model_name="figure",
            name="through",
            field=models.PositiveSmallIntegerField(default=12, verbose_name="累计至（月）"),
        ),
        migrations.AddField(
            model_name="project",
            name="partner",
            field=models.CharField(blank=True, max_length=200, verbose_name="合作方"),
        ),
        migrations.AddField(
            model_name="project",
            name="town",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="town_projects",
                to="zones.unit",
                verbose_name="属地镇",
            ),
        ),
        migrations.AlterField(
            model_name="project",
            name="unit",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="projects",
                to="zones.unit",
                verbose_name="所在园区",
            ),
        ),
        migrations.AddConstraint(
            model_name="figure",
            constraint=models.UniqueConstraint(
                fields=("unit", "metric", "year", "through", "scope", "vintage"),
                name="zones_figure_one_a_vintage",
                violation_error_message="同一天已录入过该数据；更正请用新的发布日期",
            ),
        ),
        migrations.AddConstraint(
            model_name="figure",
            constraint=models.CheckConstraint(
                condition=models.Q(("through__range", (1, 12))),
                name="zones_figure_through",
                violation_error_message="累计月份须在 1 至 12 之间",
            ),
        ),
        migrations.AddConstraint(
            model_name="project",
            constraint=models.CheckConstraint(
                condition=models.Q(("investment__isnull", True), ("investment__gt", 0), _connector="OR"),
                name="zones_project_investment",
                violation_error_message="总投资须大于零；未公布的留空",
            ),
        ),
        migrations.AddField(
            model_name="projectstage",
            name="project",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="stages",
                to="zones.project",
                verbose_name="项目",
            ),
        ),
        migrations.AddConstraint(
            model_name="projectstage",
            constraint=models.UniqueConstraint(
                fields=("project", "as_of"), name="zones_stage_one_a_day", violation_error_message="这一天已有阶段记录"
            ),
        ),
        migrations.AddConstraint(
            model_name="projectstage",
            constraint=models.UniqueConstraint(
                fields=("project", "stage"), name="zones_stage_once", violation_error_message="该阶段已有记录"
            ),
        ),
        migrations.AddConstraint(
            model_name="projectstage",
            constraint=models.CheckConstraint(
                condition=models.Q(("stage__in", ["talks", "signed", "building", "done", "producing", "dropped"])),
                name="zones_stage_known",
                violation_error_message="项目阶段无效",
            ),
        ),
        run_file(__file__, "stages_move.sql"),
        migrations.RemoveField(
            model_name="project",
            name="as_of",
        ),
        migrations.RemoveField(
            model_name="project",
            name="stage",
        ),
        run_file(__file__, "stages.sql"),
    ]
