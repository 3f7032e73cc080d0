-- The rules of structure, each measure a function (zone, day) -> offenders, under the charter of that day:
-- the unit, a reference to what offends, its name, the facts, and by how much. orgchart/rules.py names and explains
-- them and makes the sentences; the hold at COMMIT calls the same functions. What a charter does not state is null
-- here, and judges nothing.

create function orgchart_days(zone bigint) returns setof date language sql stable as $$
    with units as (
        select zone as unit_id union select v.unit_id from zones_unitversion v where v.parent_id = zone
    ), periods as (
        select period from zones_unitversion where unit_id in (select unit_id from units)
        union all select period from orgchart_charter where zone_id = zone
        union all select period from orgchart_tier where zone_id = zone
        union all select period from orgchart_quota where unit_id in (select unit_id from units)
        union all select period from orgchart_ruleexception where zone_id = zone
        union all select period from orgchart_bureauversion where unit_id in (select unit_id from units)
    )
    select distinct unnest(array[lower(period), upper(period)]) from periods
$$;

-- Every bureau that stands in the zone on the day, with its unit's name.
create function orgchart_bureaus_of(zone bigint, day date)
returns table (
    unit_id bigint, unit_name text, version_id bigint, bureau_id bigint, code text, name text, name_en text,
    nature text, parent_id bigint)
language sql stable as $$
    select u.unit_id, u.name, v.id, v.bureau_id, b.code::text, v.name::text, v.name_en::text, v.nature::text, v.parent_id
    from orgchart_units_of(zone, day) u
    join orgchart_bureauversion v on v.unit_id = u.unit_id and v.period @> day
    join orgchart_bureau b on b.id = v.bureau_id
$$;

-- How many bureaus each unit has, and how many of them are core; second-level units do not count twice.
create function orgchart_counts_of(zone bigint, day date)
returns table (unit_id bigint, code text, name text, core bigint, total bigint) language sql stable as $$
    select b.unit_id, u.code::text, b.unit_name, count(*) filter (where b.nature = 'core'), count(*)
    from orgchart_bureaus_of(zone, day) b join zones_unit u on u.id = b.unit_id
    where b.parent_id is null group by 1, 2, 3
$$;

create function orgchart_charter_missing(zone bigint, day date)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric) language sql stable as $$
    select b.unit_id, 'unit:' || u.code, b.unit_name, jsonb_build_object('count', count(*)), count(*)::numeric
    from orgchart_bureaus_of(zone, day) b join zones_unit u on u.id = b.unit_id
    where not exists (select from orgchart_charter c where c.zone_id = zone and c.period @> day)
    group by 1, 2, 3
$$;

create function orgchart_org_05_tiers(zone bigint, day date)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric) language sql stable as $$
    -- Numbered too high, or one too many however they are numbered.
    select zone, 'unit:' || u.code, t.name, jsonb_build_object('place', t.place, 'limit', p.most::integer,
           'subject_en', t.name_en), 1::numeric
    from zones_unit u, (select orgchart_parameter(zone, day, 'ORG-05', 'max_levels') as most) p, lateral (
        select x.name::text, x.name_en, greatest(x.number, row_number() over (order by x.number)) as place
        from orgchart_tier x where x.zone_id = zone and x.period @> day) t
    where u.id = zone and t.place > p.most
    order by t.place desc
$$;

create function orgchart_org_05_second_level(zone bigint, day date)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric) language sql stable as $$
    select b.unit_id, 'bureau:' || b.code, b.unit_name || ' ' || b.name,
           jsonb_build_object('superior', coalesce(p.name, ''), 'superior_en', p.name_en), 1::numeric
    from orgchart_bureaus_of(zone, day) b
    left join orgchart_bureauversion p on p.bureau_id = b.parent_id and p.period @> day
    where b.parent_id is not null and orgchart_parameter(zone, day, 'ORG-05', 'sublevel_allowed') = 0
$$;

create function orgchart_org_05_bureaus(zone bigint, day date)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric) language sql stable as $$
    select c.unit_id, 'unit:' || c.code, c.name, jsonb_build_object('count', c.total, 'limit', q."limit"),
           (c.total - q."limit")::numeric
    from orgchart_counts_of(zone, day) c
    join orgchart_quota q on q.unit_id = c.unit_id and q.kind = 'bureaus' and q.period @> day
    where c.total > q."limit"
$$;

create function orgchart_org_06_unit(zone bigint, day date)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric) language sql stable as $$
    select c.unit_id, 'unit:' || c.code, c.name,
           jsonb_build_object('core', c.core, 'total', c.total, 'least', trim_scale(p.least * 100)::text),
           ceil(p.least * c.total) - c.core
    from orgchart_counts_of(zone, day) c, (select orgchart_parameter(zone, day, 'ORG-06', 'min_ratio') as least) p
    where c.core < p.least * c.total
$$;

create function orgchart_org_06_zone(zone bigint, day date)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric) language sql stable as $$
    select zone, 'unit:' || u.code, '全区', jsonb_build_object('core', c.core, 'total', c.total,
           'least', trim_scale(p.least * 100)::text, 'subject_en', 'the whole zone'), ceil(p.least * c.total) - c.core
    from (select sum(core) as core, sum(total) as total from orgchart_counts_of(zone, day)) c,
         (select orgchart_parameter(zone, day, 'ORG-06', 'min_ratio') as least) p,
         zones_unit u
    where u.id = zone and c.core < p.least * c.total
$$;

create function orgchart_org_07(zone bigint, day date)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric) language sql stable as $$
    select distinct park.unit_id, 'bureau:' || park.code, park.unit_name || ' ' || park.name,
           jsonb_build_object('function', f.name, 'function_en', f.name_en, 'bureau', z.name, 'bureau_en', z.name_en),
           1::numeric
    from orgchart_bureaus_of(zone, day) z
    join orgchart_bureaufunction zf on zf.version_id = z.version_id
    join orgchart_bureaufunction pf on pf.function_id = zf.function_id
    join orgchart_bureaus_of(zone, day) park on park.version_id = pf.version_id and park.unit_id <> zone
    join orgchart_function f on f.id = zf.function_id
    where z.unit_id = zone and orgchart_parameter(zone, day, 'ORG-07', 'duplicates_allowed') = 0
$$;

insert into orgchart_turningpoint values ('orgchart_days');
insert into orgchart_hardrule (rule_id, measure, finder, sentence) values
    ('CHARTER', 'missing', 'orgchart_charter_missing', '设有职能机构的开发区须有生效的机构编制规定'),
    ('ORG-05', 'tiers', 'orgchart_org_05_tiers', '管理层级超过规定'),
    ('ORG-05', 'second_level', 'orgchart_org_05_second_level', '职能机构不再下设二级内设机构'),
    ('ORG-05', 'bureaus', 'orgchart_org_05_bureaus', '职能机构数超过限额'),
    ('ORG-06', 'unit', 'orgchart_org_06_unit', '聚焦主责主业的职能机构比例低于规定'),
    ('ORG-06', 'zone', 'orgchart_org_06_zone', '聚焦主责主业的职能机构比例低于规定'),
    ('ORG-07', 'duplicate', 'orgchart_org_07', '开发区已设置的管理机构，功能园区不再另行设立');
-- reverse
delete from orgchart_hardrule;
delete from orgchart_turningpoint;
drop function orgchart_org_07(bigint, date);
drop function orgchart_org_06_zone(bigint, date);
drop function orgchart_org_06_unit(bigint, date);
drop function orgchart_org_05_bureaus(bigint, date);
drop function orgchart_org_05_second_level(bigint, date);
drop function orgchart_org_05_tiers(bigint, date);
drop function orgchart_charter_missing(bigint, date);
drop function orgchart_counts_of(bigint, date);
drop function orgchart_bureaus_of(bigint, date);
drop function orgchart_days(bigint);
