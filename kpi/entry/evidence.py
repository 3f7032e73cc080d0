"""Evidence (佐证材料) of what a line's actual rests on: put there, withdrawn, never deleted."""

from __future__ import annotations

import hashlib

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.actors import Actor
from common.audit import record
from common.databases import hold_rules
from kpi.entry import evidence_files
from kpi.entry.evidence_files import BadFile
from kpi.models import Evidence, Line, Scorecard
from kpi.reckoning import refuse_scores
from kpi.rights import may_score

#: What the standing files of one card may come to.
CARD_BYTES = 50 * 1024 * 1024
CARD_FILES = 60
REFUSALS = {
    "empty": gettext_lazy("「%(name)s」是空文件"),
    "too_large": gettext_lazy("「%(name)s」超过 10 MB"),
    "program": gettext_lazy("「%(name)s」是程序或脚本，不能作为佐证材料"),
    "unknown": gettext_lazy("「%(name)s」的内容不是可接受的类型：只接受 PDF、PNG、JPEG、XLSX、DOCX"),
    "macros": gettext_lazy("「%(name)s」含有宏或可执行内容，请另存为不带宏的文件"),
    "broken": gettext_lazy("「%(name)s」已损坏，无法打开"),
    "extension": gettext_lazy("「%(name)s」的扩展名与内容不符"),
    "name": gettext_lazy("文件名含有不能使用的字符，或过长，请改名后再传"),
}
#: Of these not a column is read but the one that is asked for: a list of files never loads them.
CONTENT = "content"


@transaction.atomic
def add_evidence(*, line: Line, name: str, content: bytes, by: Actor) -> Evidence:
    """Put a file under a line; what it is is told by its content.

    Raises ValidationError at ``file``: with the codes of ``BadFile``, ``there``
    for a file that is there already, ``full`` when the card has all it may have.
    """
    card = _card(line, by)
    try:
        mime = evidence_files.kind_of(content)
        plain = evidence_files.clean_name(name, mime)
    except BadFile as error:
        shown = "".join(each if each.isprintable() else "·" for each in name)[:60]
        raise ValidationError(
            {"file": ValidationError(str(REFUSALS[error.code]) % {"name": shown}, code=error.code)}
        ) from error
    standing = Evidence.objects.filter(line__scorecard=card, withdrawn_at=None)
    sha256 = hashlib.sha256(content).hexdigest()
    if there := standing.filter(line=line, sha256=sha256).defer(CONTENT).first():
        raise ValidationError(
            {"file": ValidationError(_("这份文件已在本项下：%(name)s") % {"name": there.name}, code="there")}
        )
    if standing.count() >= CARD_FILES or (standing.aggregate(n=Sum("size"))["n"] or 0) + len(content) > CARD_BYTES:
        words = _("一张评分卡的佐证材料最多 %(files)s 份、共 %(size)s MB，请先撤回不用的")
        raise ValidationError(
            {"file": ValidationError(words % {"files": CARD_FILES, "size": CARD_BYTES >> 20}, code="full")}
        )
    row = Evidence(
        line=line, name=plain, mime=mime, size=len(content), sha256=sha256, content=content, added_by=by.user
    )
    with hold_rules():
        row.save(force_insert=True)
    record("add_evidence", row, by=by, after=_told(row))
    return row


@transaction.atomic
def withdraw_evidence(*, evidence: Evidence, by: Actor) -> Evidence:
    """Take a file back: it stays on file, and counts no longer. A second time changes nothing."""
    line = Line.objects.get(pk=evidence.line_id)
    _card(line, by)
    row = Evidence.objects.defer(CONTENT).select_for_update(no_key=True).get(pk=evidence.pk)
    if row.withdrawn_at is None:
        before = _told(row)
        row.withdrawn_at = timezone.now()
        with hold_rules():
            row.save(update_fields=["withdrawn_at"])
        record("withdraw_evidence", row, by=by, before=before, after=_told(row))
    return row


def _told(row: Evidence) -> dict:
    """What the trail keeps of a file: all but its content, whose checksum stands for it."""
    columns = ("id", "line_id", "name", "mime", "size", "sha256", "added_by_id", "withdrawn_at")
    return {name: getattr(row, name) for name in columns}


def _card(line: Line, by: Actor) -> Scorecard:
    """The line's card, locked; whoever scores it may add to it, while the year is open."""
    cards = Scorecard.objects.select_for_update(of=("self",), no_key=True).select_related("cycle")
    card = cards.get(pk=line.scorecard_id)
    refuse_scores(card.cycle)
    if not may_score(card, by):
        raise ValidationError(_("佐证材料由评分人上传和撤回"), code="not_yours")
    return card


def standing_counts(lines) -> dict[int, int]:
    """How many files stand under each of the lines."""
    counted = Evidence.objects.filter(line__in=lines, withdrawn_at=None).order_by().values_list("line")
    return dict(counted.annotate(n=Count("pk")))
