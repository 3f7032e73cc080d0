"""What pages of staff are asked for and what they say, for tests of them."""

import csv
import datetime as dt
import io

from django.urls import reverse
from icalendar import Calendar

from common.periods import ONE_DAY
from tests import staffing_builders as build
from tests.staffing_builders import DAY


def opened(client) -> str:
    """The address that the page shows once."""
    page = client.post(reverse("feed_open"), follow=True)
    return page.context["address"]


def events(answer) -> dict[str, dt.date]:
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/calendar")
    return {
        str(event["summary"]): event.decoded("dtstart") for event in Calendar.from_ical(answer.content).walk("VEVENT")
    }


ON = "2020-06-30"


def get(client, name, *args, **query):
    query.setdefault("on", ON)
    return client.get(reverse(name, args=args), query)


def text(response) -> str:
    return response.content.decode()


def export(client, **query):
    answer = get(client, "roster_export", **query)
    return (
        list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))) if answer.status_code == 200 else answer
    )


def post(client, name, /, *args, **data):
    return client.post(f"{reverse(name, args=args)}?on={ON}", data)


def three_in_post():
    """A zone of which three hold posts, one of them two."""
    made = build.small_zone()
    made.zhang = build.person(made, "张三丰", "T-1", phone="13800001111", category="administrative")
    made.li = build.person(made, "李四", "T-2")
    made.wang = build.person(made, "王五", "T-3", category="quota")
    build.seat(made.zhang, made.head)
    build.seat(made.li, made.clerk, probation_ends=dt.date(2020, 10, 31))
    build.seat(made.wang, made.park_clerk)
    build.seat(made.zhang, made.eco_clerk, 1, kind="concurrent")
    return made


def signing_in(client, zone):
    """A function that signs in as one of the personas."""
    grants = {"hr": zone.unit, "auditor": zone.unit, "finance": zone.unit, "evaluator": zone.city}
    linked = {"head": zone.zhang, "staff": zone.li}

    def sign_in(persona: str):
        if persona in grants:
            found = build.user(persona, role=persona, on=grants[persona])
        elif persona in linked:
            found = build.user(persona, linked=linked[persona])
        else:  # HR of a zone that has nothing to do with this one
            found = build.user("stranger", role="hr", on=build.small_zone("XX").unit)
        client.force_login(found)
        return client

    return sign_in


def one_past_his_term():
    """A zone of which three hold posts, one on probation and one past his term."""
    made = build.small_zone()
    made.zhang = build.person(made, "张三丰", "T-1", identity="civil_servant", category="administrative")
    made.li = build.person(made, "李四", "T-2")
    made.wang = build.person(made, "王五", "T-3", category="quota")
    build.seat(made.zhang, made.head)
    build.seat(made.li, made.clerk, probation_ends=dt.date(2020, 10, 31))
    build.seat(made.wang, made.park_clerk, term_ends=DAY - ONE_DAY)
    return made
