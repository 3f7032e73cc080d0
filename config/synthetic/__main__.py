"""``python -m config.synthetic FOLDER``: write the made-up rows beside the structure they belong to."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Any

import yaml

from config.synthetic.cards import Assessments, lines
from config.synthetic.careers import careers
from config.synthetic.careers import rows as appointments
from config.synthetic.people import Makers
from config.synthetic.posts import posts


def main(folder: Path) -> None:
    for name, rows in files(folder).items():
        with (folder / name).open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def files(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Every file's rows by its name; the same each time."""
    structure = yaml.safe_load((folder / "structure.yaml").read_text(encoding="utf-8"))
    # People are made up for what stands; of the time before the reform there is the structure alone.
    structure["bureaus"] = [bureau for bureau in structure["bureaus"] if "ends" not in bureau]
    indicators = yaml.safe_load((folder / "indicators.yaml").read_text(encoding="utf-8"))["indicators"]
    with (folder / "figures.csv").open(encoding="utf-8", newline="") as source:
        figures = list(csv.DictReader(source))
    all_posts = posts(structure)
    makers = Makers("yizheng")
    told = careers(all_posts, makers)
    assessments = Assessments(structure, indicators, figures, told)
    found = {
        "posts.csv": [post.row for post in all_posts],
        "people.csv": makers.rows,
        "appointments.csv": appointments(told),
        "accounts.csv": accounts(makers.rows),
    }
    years = {
        2019: assessments.of_2019(),
        2020: assessments.of_2020(),
        2024: assessments.of_2024(),
        2025: assessments.of_2025(),
        2026: assessments.of_2026(),
    }
    for year, cards in years.items():
        found[f"cards-{year}.csv"] = [card.row for card in cards]
        found[f"lines-{year}.csv"] = lines(cards)
    return found


#: Every so many people one has no account yet, so that there is something to look after.
WITHOUT = 97


def accounts(people: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Where pay goes: numbers that begin with ten zeros, which no bank gives."""
    return [
        {
            "staff_no": person["staff_no"],
            "bank": "示例银行仪征支行",
            "number": f"{number:016d}",
            "starts": "2019-10-01",
            "example": 1,
        }
        for number, person in enumerate(people, start=1)
        if number % WITHOUT
    ]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m config.synthetic FOLDER")
    main(Path(sys.argv[1]))
