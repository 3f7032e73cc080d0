"""What the rules of establishment count of people and posts, added to the rules of ``orgchart/rules.py``.

The finders are in ``migrations/sql/establishment.sql``; each says the days of a breach itself.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from orgchart.rules import ORG01, ORG03, ORG04, ORG09

OVER = _("%(kind)s %(limit)s 名，实有 %(count)s 人")

ORG01.add_finders({"people": "staffing_org_01"}, {"people": OVER}, spans=True)
ORG03.add_finders(
    {"people": "staffing_org_03", "posts": "staffing_org_03_posts"},
    {"people": _("%(kind)s人员，在%(organ)s%(unit)s任职"), "posts": _("%(organ)s%(unit)s的岗位，用的是%(kind)s")},
    spans=True,
)
ORG04.add_finders(
    {"people": "staffing_org_04_people", "posts": "staffing_org_04_posts"},
    {"people": OVER, "posts": _("%(kind)s %(limit)s 名，设岗 %(count)s 个")},
    spans=True,
)
ORG09.add_finders({"people": "staffing_org_09"}, {"people": OVER}, spans=True)
