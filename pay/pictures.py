"""What the pages of pay draw: a pool's way from base to result, read from its stored trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from common.charts import Row, Step, hbars, waterfall
from common.drawing import Caption, Chart, Number
from common.money import to_fen
from common.numerals import WAN, grouped, in_percent, plain
from common.templatetags.onezone import zhdate
from common.trace import walk_json
from pay.labels import label, note
from pay.models import Allocation, BureauShare, Run

#: The steps of a pool that are terms of a sum.
TERMS = ("reference_pool", "linked_pool", "increment_pool", "composite_pool")


def nodes(trace: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """A trace's nodes by key, the first of each; none of a run that came to nothing or still waits."""
    found: dict[str, Mapping[str, Any]] = {}
    for _depth, node in walk_json(trace) if trace else ():
        found.setdefault(node["key"], node)
    return found


def number(node: Mapping[str, Any]) -> Fraction:
    """A node's value, exactly."""
    return Fraction(node.get("exact") or node["value"])


def pool_steps(run: Run) -> list[Step]:
    """A pool's way to its amount, in yuan: by F13 from last year's, by other formulas term for term.

    Each effect is rounded to the fen for showing; the last one takes up what
    rounding leaves, so that the picture adds up to the pool exactly.
    """
    node = nodes(run.trace)
    if "link" in node and "composite_pool" not in node:
        start, effects = _from_base(node)
    else:
        start, effects = Step(_("构成"), Decimal(0), "total"), _from_terms(run.trace)
    factor = number(node["rating_factor"])
    before = Fraction(start.value) + sum((effect for _words, effect, _note, _kind in effects), Fraction(0))
    effects.append((_("考核等次"), before * (factor - 1), f"× {plain(factor)}", "adjust"))
    if run.lapsed:
        effects.append((_("封顶核减"), -Fraction(run.lapsed), note(node["pool"]), "adjust"))
    steps = [start] if start.value or "link" in node else []
    running = to_fen(Fraction(start.value))
    for at, (words, effect, remark, kind) in enumerate(effects, start=1):
        value = run.pool - running if at == len(effects) else Decimal(round(effect * 100)) / 100
        running += value
        steps.append(Step(words, value, kind, remark))
    return [*steps, Step(_("绩效总额"), run.pool, "total")]


#: An effect of the picture: its words, yuan exactly, a remark, and its kind.
Effect = tuple[str, Fraction, str, str]


def _from_base(node: Mapping[str, Mapping[str, Any]]) -> tuple[Step, list[Effect]]:
    """F13: base → tax → budget → GDP → floor or cap."""
    base, alpha = number(node["base"]), number(node["alpha"])
    effects: list[Effect] = []
    free = Fraction(1)
    for key, words in (("tax", _("税收增长")), ("budget", _("预算收入增长")), ("gdp", _("GDP 增长"))):
        grown = number(node[f"growth_{key}"])
        effect = alpha * number(node[f"weight_{key}"]) * grown
        free += effect
        effects.append((words, base * effect, in_percent(grown, signed=True), "effect"))
    link = number(node["link"])
    if link != free:
        words = _("补至增幅下限") if link > free else _("截至增幅上限")
        effects.append((words, base * (link - free), note(node["link"]), "adjust"))
    return Step(_("上年总额"), to_fen(base), "total"), effects


def _from_terms(trace: Mapping[str, Any]) -> list[Effect]:
    """Any other formulas: each term as it adds to the pool."""
    (uncapped, *_limits) = trace["parts"]
    factor = number(uncapped["parts"][-1])
    terms = [part for part in uncapped["parts"] if part["key"] in TERMS]
    if not terms:
        whole = number(uncapped) / factor if factor else Fraction(0)
        return [(_("按公式核定"), whole, note(uncapped), "effect")]
    return [(label(part), number(part), note(part), "effect") for part in terms]


def pool_picture(run: Run, name: str) -> Chart:
    """The pool's way from last year's base to this year's amount (F13, PAY-01)."""
    caption = Caption(
        title=_("%(name)s %(year)s 年绩效总额的由来") % {"name": name, "year": run.year},
        unit=_("万元"),
        source=_("核算 %(run)s，方案第 %(version)s 版") % {"run": run.pk, "version": run.scheme.version},
        as_of=zhdate(run.finished_at),
    )
    return waterfall(pool_steps(run), caption, show=in_wan)


def in_wan(value: Number) -> str:
    return grouped(value, 2, per=WAN)


def share_picture(run: Run, name: str, shares: Sequence[BureauShare], bureaus: Mapping[int, str]) -> Chart:
    """What each bureau got of the pool, as lying bars."""
    caption = Caption(
        title=_("%(name)s %(year)s 年部门额度") % {"name": name, "year": run.year},
        unit=_("万元"),
        source=_("核算 %(run)s，F14") % {"run": run.pk},
        as_of=zhdate(run.finished_at),
    )
    rows = [
        Row(
            bureaus.get(share.bureau_id, ""),
            share.amount,
            note=_("得分 %(score)s") % {"score": share.score},
            href=reverse("share", args=[share.pk]),
        )
        for share in shares
    ]
    return hbars(rows, caption, show=in_wan)


def person_picture(allocation: Allocation, bureau: str) -> Chart:
    """From an even share of the bureau's amount to this person's: post, months and grade, each as an effect.

    The even share is the bureau's amount ÷ its people. What post, months and
    grade each move is taken one after the other, with the rest of the bureau
    as it is; the last takes up the remainder, so that the picture adds up.
    """
    story = person_story(allocation)
    steps = [
        Step(
            line["label"],
            line["value"],
            "total" if at in (0, len(story) - 1) else "effect",
            line["note"],
        )
        for at, line in enumerate(story)
    ]
    caption = Caption(
        title=_("%(year)s 年应发是怎样得来的") % {"year": allocation.run.year},
        unit=_("元"),
        source=_("%(bureau)s 部门额度，F15") % {"bureau": bureau},
        as_of=zhdate(allocation.run.finished_at),
    )
    return waterfall(steps, caption)


def person_story(allocation: Allocation) -> list[dict[str, Any]]:
    """The steps of ``person_picture`` as rows: label, value in yuan, and the factor that made it.

    Exact: amount = A × (c × m/12 × g) ÷ T, where A and T are the bureau's amount
    and total weight. Starting from A ÷ n, the factors c·m/12 and g are put in
    place of the bureau's means one at a time.
    """
    people = list(allocation.share.allocations.all())
    count = len(people)
    whole = Fraction(allocation.share.amount)
    placed = [(Fraction(row.post_coefficient) * row.months / 12, Fraction(row.grade_factor)) for row in people]
    by_post = sum(post for post, _grade in placed)
    by_full = sum(Fraction(row.post_coefficient) for row in people)
    even = whole / count
    own = Fraction(allocation.post_coefficient)
    after_post = whole * own / by_full if by_full else even
    after_months = whole * own * allocation.months / 12 / by_post if by_post else after_post
    stages = [
        (_("岗位系数（与部门平均相比）"), after_post - even, f"{allocation.post_coefficient.normalize():f}"),
        (
            _("在岗月数（与部门平均相比）"),
            after_months - after_post,
            _("%(months)s 个月") % {"months": allocation.months},
        ),
        (
            _("考核等次（与部门平均相比）"),
            Fraction(allocation.amount) - after_months,
            f"× {allocation.grade_factor.normalize():f}",
        ),
    ]
    rows = [{"label": _("部门人均"), "value": to_fen(even), "note": _("%(count)s 人") % {"count": count}}]
    running = to_fen(even)
    for at, (words, effect, remark) in enumerate(stages, start=1):
        value = allocation.amount - running if at == len(stages) else Decimal(round(effect * 100)) / 100
        running += value
        rows.append({"label": words, "value": value, "note": remark})
    return [*rows, {"label": _("应发"), "value": allocation.amount, "note": ""}]
