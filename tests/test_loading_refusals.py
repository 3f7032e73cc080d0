"""Bad files: each is refused with its file and line, and nothing of the rest is kept."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from common.files import Folder, LoadError
from pay.loading import NUMBERS
from tests.loading_builders import YIZHENG
from zones.models import Unit

pytestmark = pytest.mark.django_db


class TestBadFiles:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        return Path(shutil.copytree(YIZHENG, tmp_path / "zone"))

    def refused(self, folder: Path, file: str, old: str, new: str) -> str:
        text = (folder / file).read_text()
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1))
        with pytest.raises(CommandError) as refusal:
            call_command("load_zone", str(folder))
        assert not Unit.objects.exists()
        return str(refusal.value)

    @pytest.mark.parametrize(
        ("file", "old", "new", "said"),
        [
            ("units.yaml", "kind: city", "kinds: city", "units.yaml, line 48: unknown key kinds"),
            ("units.yaml", "metrics:", "metrix:", "units.yaml: unknown section metrix"),
            ("units.yaml", "parent: YZ\n", "parent: XX\n", "parent: there is no unit “XX”"),
            ("units.yaml", "kind: city", "kind: village", "units.yaml, line 48: kind: "),
            ("units.yaml", "kind: city", "kind: city\n    kind: zone", "units.yaml, line 50: kind is given twice"),
            (
                "units.yaml",
                "ends: 2019-08-31",
                "ends: 2019-09-30",
                "units.yaml, line 81: overlaps what stands in units.yaml, line 73",
            ),
            ("figures.csv", "918000000,", "918 million,", "figures.csv, line 10: value: “918 million” is no number"),
            ("figures.csv", "918000000,", "NaN,", "figures.csv, line 10: value: “NaN” is no number"),
            ("figures.csv", "YZ,tax,2019,", "YZ,tax,", "figures.csv, line 10: 8 cells under 9 headings"),
            (
                "figures.csv",
                "YZ,tax,2020,",
                "YZ,taxes,2020,",
                "figures.csv, line 11: metric: there is no metric “taxes”",
            ),
            ("structure.yaml", "ORG-06: {min_ratio", "ORG-06: {least_ratio", "no rule asks for ORG-06 least_ratio"),
            ("structure.yaml", "ORG-06: {min_ratio: 0.6}", "ORG-06: {min_ratio: most}", "“most” is no number"),
            (
                "structure.yaml",
                "code: YZ-PORT",
                "code: YZ-ECON",
                ": overlaps what stands in structure.yaml, line ",
            ),
            ("posts.csv", "YZ-DIRECTOR,YZ,,1,", "YZ-DIRECTOR,YZ,,4,", "posts.csv, line 2: tier: no tier 4 is in force"),
            ("people.csv", "999999197203194619", "999999197203194618", "people.csv, line 2: national_id: "),
            ("people.csv", ",M,1972-03-19,", ",M,1972-03-20,", "people.csv, line 2: national_id: says another"),
            ("appointments.csv", "S0001,YZ-DIRECTOR", "S9999,YZ-DIRECTOR", "line 2: staff_no: there is no person"),
            ("appointments.csv", "primary,2,2022-11-01", "primary,2,2022-10-31", "overlaps what stands in"),
            ("lines-2020.csv", "u-tax,8,9.18,9.73", "u-tax,8,9.18,0", "line 3: target: gives no points"),
            ("lines-2020.csv", "unit,YZ,u-tax", "unit,YZ,u-tacks", "lines-2020.csv, line 3: indicator: there is no"),
            ("scheme.yaml", "first: 1.1", "first: much", "scheme.yaml, line 4: first: “much” is no number"),
        ],
    )
    def test_is_named_with_its_place(self, folder: Path, file: str, old: str, new: str, said: str) -> None:
        assert said in self.refused(folder, file, old, new)

    @pytest.mark.parametrize(
        ("file", "old", "new", "rule"),
        [
            (
                "structure.yaml",
                "nature: core, functions: [construction]",
                "nature: support, functions: [construction]",
                "ORG-06",
            ),
            ("structure.yaml", "functions: [auto-promotion]", "functions: [auto-promotion, finance]", "ORG-07"),
            ("structure.yaml", "kind: bureaus, limit: 7", "kind: bureaus, limit: 6", "ORG-05"),
            ("structure.yaml", "max_levels: 3", "max_levels: 2", "ORG-05"),
            ("posts.csv", "YZ-DEPUTY,YZ,,1,L2,GL,GL06,36,,,4,", "YZ-DEPUTY,YZ,,1,L2,GL,GL06,36,,,3,", "APT-13"),
            ("lines-2020.csv", "u-tax,8,", "u-tax,9,", "100"),
        ],
    )
    def test_a_rule_that_the_rows_break_together(self, folder: Path, file: str, old: str, new: str, rule: str) -> None:
        assert rule in self.refused(folder, file, old, new)

    def test_a_missing_file_and_a_missing_folder(self, folder: Path) -> None:
        (folder / "scheme.yaml").unlink()
        with pytest.raises(CommandError, match=r"scheme\.yaml: is missing from"):
            call_command("load_zone", str(folder))
        with pytest.raises(CommandError, match="no such folder"):
            call_command("load_zone", str(folder / "nowhere"))

    def test_a_file_that_is_not_utf_8(self, folder: Path) -> None:
        (folder / "figures.csv").write_bytes("单位，指标".encode("gbk"))
        with pytest.raises(LoadError, match=r"figures\.csv: is not UTF-8"):
            list(Folder(folder).csv("figures.csv", "unit"))

    def test_a_number_with_a_point_never_becomes_a_float(self, folder: Path) -> None:
        needed = "zone starts version name instrument rating_factors grade_factors settings pool cutoff_day"
        (scheme,) = Folder(folder).section("scheme.yaml", "schemes", f"{needed} {NUMBERS}", "ends name_en example")
        assert scheme.cells["bureau_floor"] == "0.8"
        assert scheme.number("bureau_floor") == Decimal("0.8")
