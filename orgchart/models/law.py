"""The law of a zone as data: charter, quotas, management tiers."""

from __future__ import annotations

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.periods import Dated, DatedQuerySet, no_overlap
from common.rights import Reach
from zones.models import Bilingual, Example, Instrument, Unit


class QuotaKind(models.TextChoices):
    """What may be limited: bureaus, posts of leaders (all, or of one rank) and of heads, establishment by category."""

    BUREAUS = "bureaus", _("职能机构数")
    LEADERS = "leaders", _("领导职数")
    LEADERS_FULL_DIVISION = "leaders_full_division", _("正处级领导职数")
    LEADERS_DEPUTY_DIVISION = "leaders_deputy_division", _("副处级领导职数")
    LEADERS_SECTION = "leaders_section", _("科级领导职数")
    HEADS = "heads", _("部门负责人职数")
    STAFF = "staff", _("人员控制数")
    ADMINISTRATIVE = "administrative", _("行政编制")
    INSTITUTION = "institution", _("事业编制")
    SIZE = "quota", _("员额")
    CONTRACT = "contract", _("编外控制数")


class Charter(Dated, Example):
    """A zone's structural limits during a period, with the instrument that set them (design 3).

    What it limits is data: a ``CharterParameter`` for each value that a rule asks
    for. There is no default: a rule whose parameters it does not state is not
    adopted there. ``limited_kinds`` are the quotas that every unit with bureaus
    must then have. A park that reports to a city directly is a zone in this sense.
    """

    noun = "charter"

    zone = models.ForeignKey(Unit, models.PROTECT, related_name="charters", verbose_name=_("开发区"))
    name = models.CharField(_("名称"), max_length=100)
    limited_kinds = ArrayField(
        models.CharField(max_length=30, choices=QuotaKind.choices),
        verbose_name=_("实行限额的种类"),
        default=list,
        blank=True,
    )
    instrument = models.ForeignKey(Instrument, models.PROTECT, verbose_name=_("批文"))
    #: The moment of the transaction that recorded it: its parameters come with it, or never.
    recorded_at = models.DateTimeField(_("录入时间"), db_default=TransactionNow(), editable=False)

    objects = DatedQuerySet.as_manager()

    class Meta(Dated.Meta):
        verbose_name = _("机构编制规定")
        verbose_name_plural = _("机构编制规定")
        ordering = ["zone", "period"]
        constraints = [
            *Dated.Meta.constraints,
            no_overlap("zone", name="orgchart_charter_one", message=_("此期间已有生效的机构编制规定")),
            models.CheckConstraint(
                name="orgchart_charter_kinds",
                condition=Q(limited_kinds__contained_by=QuotaKind.values),
                violation_error_message=_("限额种类无效"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        # A park's people live under their zone's charter.
        if reach not in (Reach.UNITS, Reach.ZONE):
            return Q(pk__in=[])
        return Q(zone__in=ids) | Q(zone__child_versions__unit__in=ids)

    def parameter(self, rule_id: str, name: str) -> Decimal | None:
        """What it states for a rule; None where it says nothing."""
        return self.stated.get((rule_id, name))

    @property
    def stated(self) -> dict[tuple[str, str], Decimal]:
        """All that it states, by rule and name; one query unless ``parameters`` were fetched before."""
        return {(each.rule, each.name): each.value for each in self.parameters.all()}


class CharterParameter(models.Model):
    """A value that a charter states for a rule: a count, a ratio (0.6 = 60 %), or 1 and 0 for yes and no."""

    charter = models.ForeignKey(Charter, models.CASCADE, related_name="parameters", verbose_name=_("机构编制规定"))
    rule = models.CharField(_("规则"), max_length=20)
    name = models.CharField(_("参数"), max_length=40)
    value = models.DecimalField(_("数值"), max_digits=12, decimal_places=4)

    class Meta:
        verbose_name = _("规定的参数")
        verbose_name_plural = _("规定的参数")
        ordering = ["charter", "rule", "name"]
        constraints = [
            models.UniqueConstraint(fields=["charter", "rule", "name"], name="orgchart_parameter_once"),
            models.CheckConstraint(
                name="orgchart_parameter_range",
                condition=Q(value__gte=0)
                & (Q(value__lte=1) | ~(Q(name__endswith="_ratio") | Q(name__endswith="_allowed"))),
                violation_error_message=_("参数不能小于 0；比例和是否项须在 0 与 1 之间"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.name} = {self.value:f}"


class Quota(Dated, Example):
    """How many of a kind a unit may have during a period (机构限额、职数、编制)."""

    Kind = QuotaKind

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="quotas", verbose_name=_("单位"))
    kind = models.CharField(_("限额种类"), max_length=30, choices=QuotaKind.choices)
    limit = models.PositiveIntegerField(_("限额"))
    instrument = models.ForeignKey(Instrument, models.PROTECT, verbose_name=_("批文"))

    objects = DatedQuerySet.as_manager()

    class Meta(Dated.Meta):
        verbose_name = _("限额")
        verbose_name_plural = _("限额")
        ordering = ["unit", "kind", "period"]
        constraints = [
            *Dated.Meta.constraints,
            no_overlap("unit", "kind", name="orgchart_quota_one", message=_("此期间该限额已有规定")),
            models.CheckConstraint(
                name="orgchart_quota_kind",
                condition=Q(kind__in=QuotaKind.values),
                violation_error_message=_("限额种类无效"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ≤ {self.limit}"


class RuleException(Dated, Example):
    """How far a unit may break a rule during a period, by an instrument: what is real and over-full loads with it.

    ``allowed`` is the most by which the measure may be exceeded. From one day to
    the next the excess never rises, and it is reported until it is cured.
    """

    zone = models.ForeignKey(Unit, models.PROTECT, related_name="zone_exceptions", verbose_name=_("开发区"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="rule_exceptions", verbose_name=_("单位"))
    rule = models.CharField(_("规则"), max_length=20)
    measure = models.CharField(_("事项"), max_length=40)
    allowed = models.PositiveIntegerField(_("容许超出"))
    instrument = models.ForeignKey(Instrument, models.PROTECT, verbose_name=_("批文"))
    note = models.CharField(_("说明"), max_length=200, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta(Dated.Meta):
        verbose_name = _("例外")
        verbose_name_plural = _("例外")
        ordering = ["zone", "unit", "rule", "measure", "period"]
        constraints = [
            *Dated.Meta.constraints,
            no_overlap("unit", "rule", "measure", name="orgchart_exception_one", message=_("此期间该事项已有例外")),
            models.CheckConstraint(
                name="orgchart_exception_allowed",
                condition=Q(allowed__gte=1),
                violation_error_message=_("容许超出须至少为 1"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.measure} ≤ {self.allowed}"


class Tier(Bilingual, Dated, Example):
    """A management level of a zone: leaders, bureau heads, staff (园区领导、部门负责人、工作人员)."""

    class Kind(models.TextChoices):
        LEADER = "leader", _("领导")
        HEAD = "head", _("负责人")
        STAFF = "staff", _("工作人员")

    zone = models.ForeignKey(Unit, models.PROTECT, related_name="tiers", verbose_name=_("开发区"))
    number = models.PositiveSmallIntegerField(_("层级"))
    kind = models.CharField(_("性质"), max_length=6, choices=Kind.choices)

    objects = DatedQuerySet.as_manager()

    class Meta(Dated.Meta):
        verbose_name = _("管理层级")
        verbose_name_plural = _("管理层级")
        ordering = ["zone", "number"]
        constraints = [
            *Dated.Meta.constraints,
            no_overlap("zone", "number", name="orgchart_tier_one", message=_("此期间该层级已设置")),
        ]
