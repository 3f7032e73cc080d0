import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from common.sql import run_file


class Migration(migrations.Migration):
    """Handovers of duties, and the steps that they may take."""

    dependencies = [
        ("orgchart", "0008_keeping"),
        ("zones", "0002_territory"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DutyTransfer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_example", models.BooleanField(default=False, verbose_name="示例")),
                ("code", models.SlugField(max_length=60, unique=True, verbose_name="编号")),
                ("effective_on", models.DateField(verbose_name="职责调整日期")),
                ("deadline", models.DateField(verbose_name="移交期限")),
                ("staff_count", models.PositiveIntegerField(blank=True, null=True, verbose_name="移交人员（人）")),
                ("staff_note", models.CharField(blank=True, max_length=300, verbose_name="人员说明")),
                (
                    "funds",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=18, null=True, verbose_name="移交经费（元）"
                    ),
                ),
                ("funds_note", models.CharField(blank=True, max_length=300, verbose_name="经费说明")),
                ("archive_volumes", models.PositiveIntegerField(blank=True, null=True, verbose_name="移交档案（卷）")),
                ("archive_note", models.CharField(blank=True, max_length=300, verbose_name="档案说明")),
                ("note", models.TextField(blank=True, verbose_name="说明")),
                ("drafted_on", models.DateField(verbose_name="拟订日期")),
                ("started_on", models.DateField(blank=True, null=True, verbose_name="启动移交日期")),
                ("done_on", models.DateField(blank=True, null=True, verbose_name="移交完成日期")),
                ("withdrawn_on", models.DateField(blank=True, null=True, verbose_name="撤回日期")),
                ("withdrawn_why", models.CharField(blank=True, max_length=300, verbose_name="撤回理由")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="版本")),
                (
                    "drafted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="拟订人",
                    ),
                ),
                (
                    "from_bureau",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers_out",
                        to="orgchart.bureau",
                        verbose_name="移交机构",
                    ),
                ),
                (
                    "from_unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers_out",
                        to="zones.unit",
                        verbose_name="移交单位",
                    ),
                ),
                (
                    "instrument",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="zones.instrument", verbose_name="依据"
                    ),
                ),
                (
                    "projects",
                    models.ManyToManyField(
                        blank=True, related_name="transfers", to="zones.project", verbose_name="移交项目"
                    ),
                ),
                (
                    "to_bureau",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers_in",
                        to="orgchart.bureau",
                        verbose_name="接收机构",
                    ),
                ),
                (
                    "to_unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers_in",
                        to="zones.unit",
                        verbose_name="接收单位",
                    ),
                ),
            ],
            options={
                "verbose_name": "职责移交",
                "verbose_name_plural": "职责移交",
                "ordering": ["effective_on", "code"],
            },
        ),
        migrations.CreateModel(
            name="TransferDispute",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_example", models.BooleanField(default=False, verbose_name="示例")),
                (
                    "side",
                    models.CharField(
                        choices=[("giver", "移交方"), ("taker", "接收方")], max_length=5, verbose_name="提出方"
                    ),
                ),
                ("text", models.TextField(verbose_name="争议事项")),
                ("raised_on", models.DateField(verbose_name="提出日期")),
                ("settlement", models.TextField(blank=True, verbose_name="处理结果")),
                ("settled_on", models.DateField(blank=True, null=True, verbose_name="处理日期")),
                (
                    "raised_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="提出人",
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="处理人",
                    ),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="disputes",
                        to="orgchart.dutytransfer",
                        verbose_name="职责移交",
                    ),
                ),
            ],
            options={
                "verbose_name": "移交争议",
                "verbose_name_plural": "移交争议",
                "ordering": ["transfer", "raised_on", "pk"],
            },
        ),
        migrations.CreateModel(
            name="TransferLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfer_lines",
                        to="zones.unit",
                        verbose_name="区域",
                    ),
                ),
                (
                    "duty",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfer_lines",
                        to="orgchart.duty",
                        verbose_name="职责",
                    ),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="orgchart.dutytransfer",
                        verbose_name="职责移交",
                    ),
                ),
            ],
            options={
                "verbose_name": "移交的职责",
                "verbose_name_plural": "移交的职责",
                "ordering": ["transfer", "duty__sequence", "area__sequence"],
            },
        ),
        migrations.CreateModel(
            name="TransferSignature",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "side",
                    models.CharField(
                        choices=[("giver", "移交方"), ("taker", "接收方")], max_length=5, verbose_name="签字方"
                    ),
                ),
                ("signer_name", models.CharField(max_length=150, verbose_name="签字人姓名")),
                ("capacity", models.CharField(max_length=100, verbose_name="签字身份")),
                ("signed_on", models.DateField(verbose_name="签字日期")),
                (
                    "signer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="签字人",
                    ),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signatures",
                        to="orgchart.dutytransfer",
                        verbose_name="职责移交",
                    ),
                ),
            ],
            options={
                "verbose_name": "移交签字",
                "verbose_name_plural": "移交签字",
                "ordering": ["transfer", "side"],
            },
        ),
        migrations.AddConstraint(
            model_name="dutytransfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("from_unit", models.F("to_unit")), _negated=True),
                    models.Q(("from_bureau__isnull", False), ("to_bureau__isnull", True)),
                    models.Q(("from_bureau__isnull", True), ("to_bureau__isnull", False)),
                    models.Q(("from_bureau", models.F("to_bureau")), _negated=True),
                    _connector="OR",
                ),
                name="orgchart_transfer_two_sides",
                violation_error_message="移交方与接收方不能相同",
            ),
        ),
        migrations.AddConstraint(
            model_name="dutytransfer",
            constraint=models.CheckConstraint(
                condition=models.Q(("deadline__gte", models.F("effective_on"))),
                name="orgchart_transfer_deadline",
                violation_error_message="移交期限不能早于职责调整日期",
            ),
        ),
        migrations.AddConstraint(
            model_name="dutytransfer",
            constraint=models.CheckConstraint(
                condition=models.Q(("funds__isnull", True), ("funds__gte", 0), _connector="OR"),
                name="orgchart_transfer_funds",
                violation_error_message="移交经费不能为负数",
            ),
        ),
        migrations.AddConstraint(
            model_name="dutytransfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("started_on__isnull", True), ("started_on__gte", models.F("drafted_on")), _connector="OR"
                    ),
                    models.Q(
                        ("done_on__isnull", True),
                        models.Q(("done_on__gte", models.F("started_on")), ("started_on__isnull", False)),
                        _connector="OR",
                    ),
                    models.Q(
                        ("withdrawn_on__isnull", True),
                        models.Q(("done_on__isnull", True), ("withdrawn_on__gte", models.F("drafted_on"))),
                        _connector="OR",
                    ),
                ),
                name="orgchart_transfer_days",
                violation_error_message="移交各环节的日期须依次不早于前一环节",
            ),
        ),
        migrations.AddConstraint(
            model_name="transferdispute",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("settled_by__isnull", True), ("settled_on__isnull", True), ("settlement", "")),
                    models.Q(("settled_on__gte", models.F("raised_on")), models.Q(("settlement", ""), _negated=True)),
                    _connector="OR",
                ),
                name="orgchart_dispute_settled",
                violation_error_message="争议的处理须有结果和日期，且不早于提出日期",
            ),
        ),
        migrations.AddConstraint(
            model_name="transferdispute",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("settled_by__isnull", True),
                    ("raised_by__isnull", True),
                    models.Q(("settled_by", models.F("raised_by")), _negated=True),
                    _connector="OR",
                ),
                name="orgchart_dispute_other_person",
                violation_error_message="提出争议的人不能处理该争议",
            ),
        ),
        migrations.AddConstraint(
            model_name="transferdispute",
            constraint=models.CheckConstraint(
                condition=models.Q(("side__in", ["giver", "taker"])),
                name="orgchart_dispute_side",
                violation_error_message="提出方只能是移交方或接收方",
            ),
        ),
        migrations.AddConstraint(
            model_name="transferline",
            constraint=models.UniqueConstraint(
                fields=("transfer", "duty", "area"),
                name="orgchart_transfer_line_once",
                violation_error_message="同一区域的同一职责只能列一次",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfersignature",
            constraint=models.UniqueConstraint(
                fields=("transfer", "side"),
                name="orgchart_signature_one_a_side",
                violation_error_message="这一方已经签字",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfersignature",
            constraint=models.UniqueConstraint(
                fields=("transfer", "signer"),
                name="orgchart_signature_two_people",
                violation_error_message="同一人不能代表双方签字",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfersignature",
            constraint=models.UniqueConstraint(
                condition=models.Q(("signer__isnull", True)),
                fields=("transfer", "signer_name"),
                name="orgchart_signature_two_names",
                violation_error_message="同一人不能代表双方签字",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfersignature",
            constraint=models.CheckConstraint(
                condition=models.Q(("side__in", ["giver", "taker"])),
                name="orgchart_signature_side",
                violation_error_message="签字方只能是移交方或接收方",
            ),
        ),
        run_file(__file__, "transfers.sql"),
        run_file(__file__, "duty_rule.sql"),
    ]
