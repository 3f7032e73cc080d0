"""The catalogue: what is marked is found, what is translated is kept, what is missing is named."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from config import messages


class TestMessages:
    @pytest.fixture
    def tree(self, tmp_path: Path) -> messages.Tree:
        (tmp_path / "common").mkdir()
        (tmp_path / "templates").mkdir()
        (tmp_path / "common" / "views.py").write_text(
            "from django.utils.translation import gettext_lazy as _, ngettext, pgettext\n"
            "a = _('单位')\nb = ngettext('%(n)d 人', '%(n)d 人', 3)\nc = pgettext('月份', '月')\n"
            "d = f(_('共 %(n)s'))\n"
        )
        (tmp_path / "templates" / "page.html").write_text(
            "{% load i18n %}\n    <h1 title=\"it's {{ x|default:_('无') }}\">{% translate '标题' %}</h1>\n"
            "  <p>)({% blocktranslate trimmed count n=rows|length %}\n    有 {{ n }} 行\n  {% plural %}\n"
            "    有 {{ n }} 行\n  {% endblocktranslate %}</p>\n\t{% trans '合计' as total %}"
            "{% translate '月' context '期间' %}"
            "{# 注释 #}{% comment %}{% translate '不要' %}{% endcomment %}\n"
        )
        return messages.Tree(tmp_path)

    def translate(self, tree: messages.Tree, old: str, new: str) -> None:
        text = tree.po.read_text(encoding="utf-8")
        assert old in text
        tree.po.write_text(text.replace(old, new), encoding="utf-8")

    def test_everything_marked_is_found(self, tree: messages.Tree) -> None:
        found = {(m.context, m.id) for m in messages.extracted(tree) if m.id}
        assert found == {
            (None, "单位"), (None, ("%(n)d 人", "%(n)d 人")), ("月份", "月"), (None, "共 %(n)s"),
            (None, "无"), (None, "标题"), (None, ("有 %(n)s 行", "有 %(n)s 行")), (None, "合计"),
            ("期间", "月"),
        }  # fmt: skip

    def test_update_is_stable_and_keeps_translations(self, tree: messages.Tree) -> None:
        assert messages.update(tree) == "9 strings, 9 new, 0 gone"
        self.translate(tree, 'msgid "单位"\nmsgstr ""', 'msgid "单位"\nmsgstr "unit"')
        before = tree.po.read_bytes()
        messages.update(tree)
        assert tree.po.read_bytes() == before
        assert b"POT-Creation-Date" not in before
        assert b"#: common/views.py\n" in before
        assert b"fuzzy" not in before

    def test_a_renamed_string_is_not_guessed(self, tree: messages.Tree) -> None:
        messages.update(tree)
        self.translate(tree, 'msgid "单位"\nmsgstr ""', 'msgid "单位"\nmsgstr "unit"')
        code = tree.root / "common" / "views.py"
        code.write_text(code.read_text().replace("'单位'", "'各单位'"))
        assert "stale: “单位” is no longer in the code" in messages.problems(tree)
        assert messages.update(tree) == "9 strings, 1 new, 1 gone"
        assert "missing: “各单位” in common/views.py" in messages.problems(tree)

    @pytest.mark.parametrize(
        ("entry", "said"),
        [
            ('msgid "共 %(n)s"\nmsgstr "in all %(m)s"', "placeholder: “共 %(n)s”: wants %(n)s, has %(m)s"),
            ('#, fuzzy\nmsgid "标题"\nmsgstr "title"', "fuzzy: “标题” in templates/page.html"),
            ('msgid "没了"\nmsgstr "gone"', "stale: “没了” is no longer in the code"),
            (
                'msgid "%(n)d 人"\nmsgid_plural "%(n)d 人"\nmsgstr[0] "one"\nmsgstr[1] "some"',
                "placeholder: “%(n)d 人”: wants %(n)d, has none",
            ),
        ],
    )
    def test_check_says_what_is_wrong(self, tree: messages.Tree, entry: str, said: str) -> None:
        tree.po.parent.mkdir(parents=True)
        tree.po.write_text(messages.HEADER + entry + "\n", encoding="utf-8")
        lines, status = messages.run("check", tree)
        assert status == 1
        assert said in lines

    def test_compiled_only_when_older(self, tree: messages.Tree) -> None:
        messages.update(tree)
        assert messages.compile_catalogue(tree) == "compiled"
        assert messages.compile_catalogue(tree) == "up to date"
        os.utime(tree.mo, (0, 0))
        assert messages.compile_catalogue(tree) == "compiled"

    def test_django_reads_what_was_compiled(self, tree: messages.Tree) -> None:
        import gettext

        messages.update(tree)
        plural = 'msgid "%(n)d 人"\nmsgid_plural "%(n)d 人"\n'
        empty, full = 'msgstr[0] ""\nmsgstr[1] ""', 'msgstr[0] "one person"\nmsgstr[1] "%(n)d people"'
        self.translate(tree, plural + empty, plural + full)
        messages.compile_catalogue(tree)
        with tree.mo.open("rb") as file:
            english = gettext.GNUTranslations(file)
        assert [english.ngettext("%(n)d 人", "%(n)d 人", n) for n in (1, 2)] == ["one person", "%(n)d people"]
