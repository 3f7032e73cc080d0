"""The picture's geometry and the chain of command: pure, on plain values."""

import itertools
import random
import re

import pytest

from orgchart.boxes import Card, CardBox, Node, UnitBox
from orgchart.tree import FOOT, MARGIN, WIDTH, Hand, TierOf, Tree, chain_of_command, layout


def cards(count: int, name: str = "招商局", **more) -> tuple[Card, ...]:
    return tuple(Card(f"B{n}", name, "core", seats=9, filled=8, **more) for n in range(count))


def picture(zone: int, *parks: int, **more) -> Tree:
    facts = (("职能机构", "10 / 10"), ("主责主业", "60%"), ("在岗", "9 / 9"))
    top = Node("Z", "江苏仪征经济开发区", "正处级", facts, cards(zone, **more))
    return layout(
        top, [Node(f"P{n}", "化学工业园", "副处级", facts, cards(size, **more)) for n, size in enumerate(parks)]
    )


def overlap(a: UnitBox | CardBox, b: UnitBox | CardBox) -> bool:
    return a.x < b.x + b.w and b.x < a.x + a.w and a.y < b.y + b.h and b.y < a.y + a.h


SIZES = [(0,), (1,), (10, 7, 5, 5), (60, 20), (3, 1), (5, *[2] * 9), (0, 0, 3), (11, 6, 6, 6, 6)]


@pytest.mark.parametrize("sizes", SIZES)
def test_every_box_is_on_the_paper_and_none_covers_another(sizes):
    tree = picture(*sizes)
    for a, b in itertools.combinations(tree.units, 2):
        assert not overlap(a, b)
    for unit in tree.units:
        assert unit.x >= MARGIN
        assert unit.x + unit.w <= WIDTH - MARGIN + 0.2
        assert unit.y + unit.h <= tree.height - FOOT + 0.2
        for card in unit.cards:
            assert unit.x < card.x
            assert card.x + card.w <= unit.x + unit.w
            assert unit.y + unit.cap < card.y
            assert card.y + card.h <= unit.y + unit.h
        for a, b in itertools.combinations(unit.cards, 2):
            assert not overlap(a, b)


@pytest.mark.parametrize("sizes", SIZES)
def test_every_bureau_is_drawn_once_in_its_order(sizes):
    tree = picture(*sizes)
    assert [len(unit.cards) for unit in tree.units] == list(sizes)
    for unit in tree.units:
        places = [(card.row, card.col) for card in unit.cards]
        assert places == sorted(places)
        assert [box.card.code for box in unit.cards] == [card.code for card in unit.node.cards]


def test_yizheng_stands_as_the_article_tells_it():
    tree = picture(10, 7, 5, 5)
    zone, *parks = tree.units
    assert [len({card.row for card in unit.cards}) for unit in tree.units] == [2, 4, 3, 3]
    assert len({(park.y, park.h, park.head) for park in parks}) == 1
    assert all(park.y > zone.y + zone.h for park in parks)
    assert [park.x for park in parks] == sorted(park.x for park in parks)
    # A trunk, a beam, and a drop to each park.
    assert len(tree.lines) == 5


def test_rows_are_walked_from_the_zone_down():
    tree = picture(10, 7, 5, 5)
    zone, *parks = tree.units
    assert (zone.row, [card.row for card in zone.cards]) == (0, [1] * 5 + [2] * 5)
    assert {park.row for park in parks} == {3}
    assert min(card.row for park in parks for card in park.cards) == 4


def test_no_park_no_line():
    assert picture(3).lines == ()


def test_more_parks_than_fit_stand_in_rows_below_with_the_trunk_between_them():
    tree = picture(5, *[2] * 9)
    tops = [unit.y for unit in tree.units[1:]]
    assert [len(list(group)) for _y, group in itertools.groupby(tops)] == [4, 4, 1]
    boxes = tree.units[1:]
    for line in tree.lines:
        if found := re.fullmatch(r"M([\d.]+) ([\d.]+)V([\d.]+)", line):
            x, y, end = map(float, found.groups())
            crossed = [box for box in boxes if box.x < x < box.x + box.w and y < box.y and box.y + box.h < end]
            assert crossed == []


def test_a_long_name_takes_two_lines_and_its_row_grows_as_one():
    tree = layout(
        Node("Z", "区", cards=()),
        [Node("P", "园", cards=(*cards(1, "安全生产和生态环境管理局"), *cards(1))), Node("Q", "园"), Node("R", "园")],
    )
    long, short = tree.units[1].cards
    assert long.lines == ("安全生产和生态环境", "管理局") or long.lines == ("安全生产和生态", "环境管理局")
    assert (long.y, long.h) == (short.y, short.h)


def test_a_name_never_ends_in_a_line_of_one_character():
    (card,) = (
        layout(Node("Z", "区"), [Node("P", "园", cards=cards(1, "公用工程保障局", example=True))] * 3).units[1].cards
    )
    assert all(len(line) > 2 for line in card.lines)


@pytest.mark.parametrize(("seats", "filled"), [(9, 9), (9, 6), (9, 0), (1, 1), (24, 3)])
def test_a_square_for_each_seat(seats, filled):
    (unit,) = layout(Node("Z", "区", cards=(Card("B", "局", "core", seats=seats, filled=filled),)), []).units
    (box,) = unit.cards
    assert box.filled_path.count("M") == filled
    assert box.vacant_path.count("M") == seats - filled
    assert box.card.vacant == seats - filled
    ends = [float(x) + float(w) for x, w in re.findall(r"M([\d.]+) [\d.]+h([\d.]+)", box.filled_path + box.vacant_path)]
    assert max(ends) <= box.w


def test_many_seats_are_one_bar():
    (unit,) = layout(Node("Z", "区", cards=(Card("B", "局", "core", seats=200, filled=150),)), []).units
    assert unit.cards[0].filled_path.count("M") == unit.cards[0].vacant_path.count("M") == 1


def test_no_seats_nothing_to_draw():
    (unit,) = layout(Node("Z", "区", cards=(Card("B", "局", "core"),)), []).units
    assert unit.cards[0].filled_path == unit.cards[0].vacant_path == ""


def test_any_zone_is_laid_out_without_collisions():
    dice = random.Random(7)
    for _ in range(60):
        tree = picture(*[dice.randint(0, 25) for _ in range(dice.randint(1, 12))])
        assert not any(overlap(a, b) for a, b in itertools.combinations(tree.units, 2))


TIERS = [TierOf("园区领导", "leader"), TierOf("部门负责人", "head"), TierOf("工作人员", "staff")]


class TestChainOfCommand:
    def test_three_hands_under_the_charter_of_2019(self):
        assert chain_of_command(TIERS, "仪征经开区", "招商局", {}) == (
            Hand("园区领导", "仪征经开区"),
            Hand("部门负责人", "招商局"),
            Hand("工作人员", "招商局"),
        )

    def test_six_before_the_reform(self):
        """管委会主任、分管副主任、职能机构负责人、分管负责人、二级内设机构负责人、工作人员 (the article)."""
        tiers = [
            TierOf("管委会主任", "leader"),
            TierOf("分管副主任", "leader"),
            TierOf("职能机构负责人", "head"),
            TierOf("分管负责人", "head"),
            TierOf("二级内设机构负责人", "head"),
            TierOf("工作人员", "staff"),
        ]
        hands = chain_of_command(tiers, "管委会", "信访科", {"信访科": "社会事业局"})
        assert [hand.tier for hand in hands] == [tier.name for tier in tiers]
        assert [hand.place for hand in hands] == ["管委会", "管委会", "社会事业局", "社会事业局", "信访科", "信访科"]

    def test_each_level_of_bureaus_is_a_hand(self):
        hands = chain_of_command(TIERS, "区", "股", {"股": "科", "科": "局"})
        assert [hand.place for hand in hands] == ["区", "局", "科", "股", "股"]

    def test_no_tiers_no_hands(self):
        assert chain_of_command([], "区", "局", {}) == ()

    def test_a_circle_is_an_error(self):
        with pytest.raises(ValueError, match="stands over itself"):
            chain_of_command(TIERS, "区", "甲", {"甲": "乙", "乙": "甲"})
