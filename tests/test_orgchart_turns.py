"""The timeline's geometry: pure, on plain days."""

import datetime as dt
import itertools
import random

import pytest

from orgchart.turns import EDGE, WIDTH, Span, lay_out

TODAY = dt.date(2026, 11, 24)
REFORM = [dt.date(2019, 1, 1), dt.date(2019, 9, 1), dt.date(2019, 10, 1)]


def line(days=REFORM, on=TODAY, spans=(), today=TODAY):
    return lay_out(days, spans, on, today, lambda day: f"?on={day}")


def test_every_turning_day_is_a_mark_that_leads_there():
    timeline = line()
    assert [turn.day for turn in timeline.turns] == REFORM
    assert [turn.href for turn in timeline.turns] == [f"?on={day}" for day in REFORM]


@pytest.mark.parametrize(
    ("on", "now"), [(TODAY, 2), (dt.date(2019, 9, 15), 1), (dt.date(2019, 9, 1), 1), (dt.date(2018, 1, 1), None)]
)
def test_the_mark_in_view_is_the_last_one_before_the_day(on, now):
    timeline = line(on=on)
    assert [n for n, turn in enumerate(timeline.turns) if turn.now] == ([] if now is None else [now])
    assert (timeline.now and timeline.now.day) == (None if now is None else REFORM[now])


def test_the_pointer_stands_between_its_neighbours():
    timeline = line(on=dt.date(2019, 5, 1))
    first, second, _third = timeline.turns
    assert first.x < timeline.here < second.x
    assert line(on=REFORM[1]).here == second.x
    assert line(on=TODAY).here == WIDTH - EDGE
    assert line(on=dt.date(2018, 1, 1)).here == EDGE


def test_charters_are_bands_from_their_day_to_their_end():
    spans = [Span("改革前", REFORM[0], REFORM[2]), Span("仪征方案", REFORM[2])]
    timeline = line(spans=spans)
    old, new = timeline.bands
    assert old.x == timeline.turns[0].x
    assert old.x + old.w == pytest.approx(timeline.turns[2].x)
    assert new.x + new.w == WIDTH - EDGE
    assert new.words == "仪征方案"


def test_any_days_stay_on_the_paper_and_apart():
    dice = random.Random(11)
    for _ in range(80):
        count = dice.randint(1, 60)
        days = sorted({dt.date(2000, 1, 1) + dt.timedelta(days=dice.randint(0, 9000)) for _n in range(count)})
        timeline = line(days, on=dice.choice(days))
        places = [turn.x for turn in timeline.turns]
        assert places == sorted(places)
        assert places[0] >= EDGE - 0.1
        assert places[-1] <= WIDTH - EDGE + 0.1
        apart = min(26, (WIDTH - 2 * EDGE) / len(days))
        assert all(b - a > apart - 0.3 for a, b in itertools.pairwise(places))
        labels = sorted((turn.label_x, len(turn.label)) for turn in timeline.turns if turn.label)
        assert all(b[0] - a[0] >= 60 for a, b in itertools.pairwise(labels))
        assert timeline.now is not None
        assert timeline.now.label  # the day in view always says its date


def test_one_day_alone():
    assert len(line([TODAY]).turns) == 1
