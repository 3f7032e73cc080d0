"""A made-up province, written straight into a scratch database: zones, parks, bureaus, people, scores and figures.

Everything is ordinary rows that every constraint but triggers has looked at, the
same on every machine: no dice, only remainders. Sizes follow from ``zones``: four
units a zone, 27 bureaus, 1,040 people of whom one in ten changed bureau in July,
six scores each.
"""

from __future__ import annotations

import json
from typing import Any

import psycopg
from psycopg import sql

from pay.settings import EXAMPLE

YEAR = 2020
#: Bureaus of the zone itself, and of each of its three parks.
BUREAUS = (9, 6, 6, 6)
PEOPLE = 260
SCORES = 6
SPAN = "'[2019-01-01,)'::daterange"
#: What a column that must have a value, and that nobody here cares for, is given.
NEUTRAL = {
    "character varying": "''", "text": "''", "boolean": "false", "jsonb": "'{}'", "smallint": "0", "integer": "0",
    "bigint": "0", "numeric": "0", "timestamp with time zone": "now()", "date": "'2019-01-01'",
}  # fmt: skip

#: Table → its rows: column → expression, and what they are drawn from. In the order in which they lean on each other.
TABLES: tuple[tuple[str, dict[str, str], str], ...] = (
    (
        "zones_instrument",
        {"id": "1", "code": "'province'", "title": "'示例批文'", "issued_on": "'2019-01-01'", "is_example": "true"},
        "(select) one",
    ),
    ("zones_unit", {"id": "0", "code": "'PROVINCE'", "kind": "'city'"}, "(select) one"),
    ("zones_unit", {"id": "u", "code": "code", "kind": "kind", "sequence": "place"}, "province_units"),
    (
        "zones_unitversion",
        {"unit_id": "u", "parent_id": "parent", "period": SPAN, "name": "code", "short_name": "code"},
        "(select u, parent, code from province_units union all select 0, null, 'PROVINCE') all_units",
    ),
    (
        "zones_metric",
        {"id": "n", "code": "code", "name": "code", "measure": "'yuan'"},
        "unnest(%(metrics)s::text[]) with ordinality as m (code, n)",
    ),
    (
        "zones_figure",
        {
            "unit_id": "u",
            "metric_id": "n",
            "year": "y",
            "through": "12",
            "scope": "'全口径'",
            "vintage": "make_date(y + 1, 1, 15)",
            "source": "'示例'",
            "is_example": "true",
            "value": "case n when 1 then 7800000 when 2 then 5200000 else"
            " 100000 * (1000 + (u * 31 + n * 7) %% 400 + (y - 2019) * ((u * 13 + n * 5) %% 160 - 30)) end",
        },
        "province_units cross join generate_series(1, 5) n cross join generate_series(%(year)s - 1, %(year)s) y",
    ),
    (
        "orgchart_tier",
        {"id": "u * 10 + k", "zone_id": "u", "number": "k", "kind": "tier", "name": "tier", "period": SPAN},
        "province_units cross join unnest(array['leader', 'head', 'staff']) with ordinality as t (tier, k)"
        " where kind = 'zone'",
    ),
    ("orgchart_bureau", {"id": "b", "code": "'B' || b"}, "province_bureaus"),
    (
        "orgchart_bureauversion",
        {
            "bureau_id": "b",
            "unit_id": "u",
            "name": "'第' || k || '局'",
            "nature": "'core'",
            "sequence": "k",
            "instrument_id": "1",
            "period": SPAN,
        },
        "province_bureaus",
    ),
    (
        "staffing_postgrade",
        {"id": "n", "code": "'G' || n", "name": "'G' || n", "sequence": "n"},
        "generate_series(1, 4) n",
    ),
    (
        "staffing_gradecoefficient",
        {"grade_id": "n", "value": "(array[1.6, 1.3, 1.0, 0.8])[n]", "period": SPAN},
        "generate_series(1, 4) n",
    ),
    ("staffing_post", {"id": "b * 4 + n", "code": "'P' || (b * 4 + n)"}, "province_bureaus, generate_series(0, 3) n"),
    (
        "staffing_postversion",
        {
            "post_id": "b * 4 + n",
            "unit_id": "u",
            "bureau_id": "b",
            "tier_id": "zone * 10 + case n when 0 then 2 else 3 end",
            "grade_id": "n + 1",
            "name": "'示例岗' || n",
            "category": "'GL'",
            "is_head": "n = 0",
            "headcount": "case n when 0 then 1 else 600 end",
            "duties": "'职责'",
            "standards": "'标准'",
            "requirements": "'条件'",
            "sequence": "n",
            "period": SPAN,
        },
        "province_bureaus, generate_series(0, 3) n",
    ),
    (
        "staffing_person",
        {
            "id": "p",
            "staff_no": "'S' || lpad(p::text, 8, '0')",
            "name": "'示例' || p",
            "gender": "'F'",
            "birth_date": "'1985-05-05'",
            "category": "'institution'",
            "identity": "'institution'",
            "home_unit_id": "u",
            "is_example": "true",
        },
        "province_people",
    ),
    (
        "staffing_appointment",
        {
            "person_id": "p",
            "post_id": "b * 4 + post",
            "seat": "seat",
            "kind": "'primary'",
            "regime": "'internal'",
            "decided_on": "'2019-01-01'",
            "end_reason": "case when moved then 'transfer' else '' end",
            "period": "case when moved then '[2019-03-01,2020-07-01)'::daterange else '[2019-03-01,)' end",
        },
        "province_people",
    ),
    (
        "staffing_appointment",
        {
            "person_id": "p",
            "post_id": "next_b * 4 + post",
            "seat": "300 + seat",
            "kind": "'primary'",
            "regime": "'internal'",
            "decided_on": "'2020-07-01'",
            "period": "'[2020-07-01,)'::daterange",
        },
        "province_people where moved",
    ),
    (
        "kpi_cycle",
        {"id": "u", "holder_id": "u", "year": "%(year)s", "state": "'open'"},
        "province_units where kind = 'zone'",
    ),
    ("kpi_scorecard", {"id": "u", "kind": "'unit'", "cycle_id": "zone", "unit_id": "u"}, "province_units"),
    (
        "kpi_scorecard",
        {"id": "1000000 + b", "kind": "'bureau'", "cycle_id": "zone", "unit_id": "u", "bureau_id": "b"},
        "province_bureaus",
    ),
    (
        "kpi_scorecard",
        {
            "id": "2000000 + p",
            "kind": "'person'",
            "cycle_id": "zone",
            "unit_id": "u",
            "bureau_id": "b",
            "person_id": "p",
        },
        "province_people",
    ),
    (
        "kpi_result",
        {"scorecard_id": "u", "rating": "(array['first', 'second', 'third'])[u %% 3 + 1]", "is_example": "true"},
        "province_units",
    ),
    ("kpi_result", {"scorecard_id": "1000000 + b", "score": "60 + (b * 7919 %% 4000) / 100.0"}, "province_bureaus"),
    (
        "kpi_result",
        {
            "scorecard_id": "2000000 + p",
            "score": "60 + (p::bigint * 7919 %% 4000) / 100.0",
            "rating": "case when p %% 97 = 0 then 'incompetent' when p %% 20 < 3 then 'excellent'"
            " when p %% 20 = 18 then 'basic' else 'competent' end",
            "is_example": "true",
        },
        "province_people",
    ),
    (
        "kpi_indicator",
        {"id": "n", "code": "'I' || n", "name": "'指标' || n", "kind": "'common'", "method": "'direct'", "per": "1"},
        "generate_series(1, %(scores)s) n",
    ),
    (
        "kpi_line",
        {
            "scorecard_id": "2000000 + p",
            "indicator_id": "n",
            "sequence": "n",
            "weight": "round(100.0 / %(scores)s, 2)",
            "target": "100",
            "actual": "60 + (p * 31 + n * 7) %% 60",
            "points": "60 + (p * 31 + n * 7) %% 40",
            "version": "1",
        },
        "province_people, generate_series(1, %(scores)s) n",
    ),
    (
        "pay_scheme",
        {
            "id": "u",
            "zone_id": "u",
            "version": "1",
            "name": "'示例方案'",
            "is_example": "true",
            "instrument_id": "1",
            "rating_factors": """'{"first": "1.1", "second": "1.0", "third": "0.9"}'""",
            "grade_factors": """'{"excellent": "1.2", "competent": "1.0", "basic": "0.8", "incompetent": "0",
                "undetermined": "0"}'""",
            "bureau_floor": "0.8",
            "bureau_cap": "1.2",
            "cutoff_day": "15",
            "current_ratio": "0.6",
            "settings": "%(settings)s::jsonb",
            "period": "daterange(make_date(%(year)s, 1, 1), null)",
        },
        "province_units where kind = 'zone'",
    ),
    (
        "pay_poolrule",
        {"scheme_id": "u", "role": "role", "method": "method", "sequence": "1", "parameters": "parameters::jsonb"},
        """province_units cross join (values
            ('term', 'F13', '{"alpha": "0.8", "weight_tax": "0.5", "weight_budget": "0.3", "weight_gdp": "0.2",
                "floor": "0.85", "cap": "1.25"}'),
            ('limit', 'F02', '{"reference_multiple": "2"}')) as r (role, method, parameters) where kind = 'zone'""",
    ),
)

#: The skeleton that the tables are drawn from. A zone's id is that of its first unit.
SKELETON = """
create temporary table province_units as
select u, (u - 1) / 4 * 4 + 1 as zone, (u - 1) %% 4 as place,
    case when (u - 1) %% 4 = 0 then 'zone' else 'park' end as kind,
    case when (u - 1) %% 4 = 0 then 0 else (u - 1) / 4 * 4 + 1 end as parent, 'U' || lpad(u::text, 5, '0') as code,
    case when (u - 1) %% 4 = 0 then %(zone_bureaus)s else %(park_bureaus)s end as bureaus
from generate_series(1, %(zones)s * 4) u;
create temporary table province_bureaus as
select row_number() over (order by u, k)::int as b, u, zone, k, bureaus
from province_units cross join lateral generate_series(1, bureaus) k;
create temporary table province_people as
select row_number() over (order by u, n)::int as p, u, zone, b, n / bureaus + 1 as seat,
    case when n < bureaus then 0 else 1 + n %% 3 end as post, n >= bureaus and n %% 10 = 9 as moved,
    case when k = bureaus then b - bureaus + 1 else b + 1 end as next_b
from generate_series(0, %(people)s - 1) n
join province_bureaus on k = n %% bureaus + 1;
"""


def build(connection: psycopg.Connection[tuple[Any, ...]], *, zones: int, people: int = PEOPLE) -> None:
    """Fill an empty, migrated database; ``connection`` may pass triggers (Scratch.connect(owner=False)).

    ``people`` are those of one unit.
    """
    parameters: dict[str, Any] = {
        "zones": zones,
        "people": people,
        "year": YEAR,
        "scores": SCORES,
        "settings": json.dumps(EXAMPLE),
        "zone_bureaus": BUREAUS[0],
        "park_bureaus": BUREAUS[1],
        "metrics": ["pool_base", "reference_income", "tax", "budget_revenue", "gdp"],
    }
    with connection.transaction(), psycopg.ClientCursor(connection) as cursor:
        cursor.execute("set local session_replication_role = replica")
        cursor.execute(SKELETON, parameters)
        for table, columns, source in TABLES:
            cursor.execute(_insert(cursor, table, columns, source), parameters)
        for table in dict.fromkeys(name for name, _columns, _source in TABLES):
            last = f"(select max(id) + 1 from {table})"  # noqa: S608 - a name from TABLES
            cursor.execute(f"select setval(pg_get_serial_sequence('{table}', 'id'), {last})")
    connection.execute("vacuum analyze")


def _insert(cursor: psycopg.ClientCursor[Any], table: str, columns: dict[str, str], source: str) -> str:
    """The statement; columns that must have a value and are not named get a neutral one."""
    cursor.execute(
        "select column_name, data_type from information_schema.columns where table_schema = 'public'"
        " and table_name = %s and is_nullable = 'NO' and column_default is null and is_identity = 'NO'",
        [table],
    )
    needed = {name: NEUTRAL[kind] for name, kind in cursor.fetchall() if name not in columns}
    values = {**columns, **needed}
    names = sql.SQL(", ").join(map(sql.Identifier, values)).as_string(cursor)
    return f"insert into {table} ({names}) select {', '.join(values.values())} from {source}"  # noqa: S608 - ours alone
