"""What follows from a grade, listed for the office that carries it out; nothing here is done by itself."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from common.rules import Rule
from kpi.rules.grades import ASSESSMENT, SERVANTS


class ASM10(Rule):
    """优秀：当年给予嘉奖；连续三年优秀的记三等功；基本称职：诫勉，限期改进，不计任职年限"""

    id = "ASM-10"
    title = _("优秀和基本称职的结果运用")
    source, article, basis = ASSESSMENT, "19-21", "stored"


class ASM11(Rule):
    """不称职：降低一个职务职级层次；连续两年不称职的予以辞退"""

    id = "ASM-11"
    title = _("不称职的结果运用")
    source, article, basis = SERVANTS, "50、88", "stored"
