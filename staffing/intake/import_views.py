"""Importing the roster: upload, look at what it would change, confirm the very same file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from common.access import Access
from common.actors import Actor
from common.imports.pages import ImportPages
from staffing.intake.imports import RosterImporter


def post_units(access: Access) -> frozenset[int]:
    """Where this user may set up posts and change them."""
    return access.units("add", "post") & access.units("change", "post")


class RosterPages(ImportPages):
    """The roster's import, in the units whose people the clerk may import."""

    name = "roster_import"
    back = "roster"
    template = "staffing/import_check.html"
    how = "staffing/_import_how.html"

    def importer(self, access: Access, by: Actor, day: dt.date, source: str) -> RosterImporter:
        units = access.units("import", "person")
        if not units:
            raise PermissionDenied
        return RosterImporter(units, by, day, source, post_units(access))

    def words(self) -> dict[str, str]:
        return {
            "crumb": _("花名册"),
            "title": _("导入花名册"),
            "lede": _("上传后先预检，核对无误再写入；有一行有误就全部不写"),
            "write": _("写入花名册"),
            "same": _("与花名册完全一致"),
            "back": _("返回花名册"),
        }

    def told(self, written: Mapping[str, int]) -> str:
        posts = {key: written.get(f"posts_{key}", 0) for key in ("create", "succeed", "end")}
        said = (
            _("设立岗位 %(create)s 个，调整 %(succeed)s 个，撤销 %(end)s 个；") % posts if any(posts.values()) else ""
        )
        people = ("people_added", "people_corrected", "appointed", "corrected", "ended")
        return said + _(
            "新录入 %(people_added)s 人，更正 %(people_corrected)s 人；"
            "新聘任 %(appointed)s 项，更正聘任 %(corrected)s 项，结束聘任 %(ended)s 项。"
        ) % {key: written.get(key, 0) for key in people}  # fmt: skip

    def columns(self) -> Sequence[tuple[str, Sequence[str]]]:
        return [(form.label, form.columns) for form in RosterImporter.forms]


PAGES = RosterPages()
upload, check, errors = PAGES.views()
