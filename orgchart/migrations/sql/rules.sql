-- The rules of structure, each a function (zone, day) -> offenders, under the charter of that day.
-- orgchart/rules.py names and explains them; the hold at COMMIT calls the same functions.

create function orgchart_days(zone bigint) returns setof date language sql stable as $$
    with units as (
        select zone as unit_id union select v.unit_id from zones_unitversion v where v.parent_id = zone
    ), periods as (
        select period from zones_unitversion where unit_id in (select unit_id from units)
        union all select period from orgchart_charter where zone_id = zone
        union all select period from orgchart_tier where zone_id = zone
        union all select period from orgchart_quota where unit_id in (select unit_id from units)
        union all select period from orgchart_bureauversion where unit_id in (select unit_id from units)
    )
    select distinct unnest(array[lower(period), upper(period)]) from periods
$$;

-- Every bureau that stands in the zone on the day, with its unit's name.
create function orgchart_bureaus_of(zone bigint, day date)
returns table (unit_id bigint, unit_name text, version_id bigint, bureau_id bigint, name text, nature text, parent_id bigint)
language sql stable as $$
    select u.unit_id, u.name, b.id, b.bureau_id, b.name::text, b.nature::text, b.parent_id
    from orgchart_units_of(zone, day) u join orgchart_bureauversion b on b.unit_id = u.unit_id and b.period @> day
$$;

create function orgchart_charter_missing(zone bigint, day date)
returns table (unit_id bigint, subject text, detail text) language sql stable as $$
    select b.unit_id, b.unit_name, count(*) || ' 个职能机构没有可依据的机构编制规定'
    from orgchart_bureaus_of(zone, day) b
    where not exists (select from orgchart_charter c where c.zone_id = zone and c.period @> day)
    group by 1, 2
$$;

create function orgchart_org_05_tiers(zone bigint, day date)
returns table (unit_id bigint, subject text, detail text) language sql stable as $$
    -- Numbered too high, or one too many however they are numbered.
    select t.zone_id, t.name::text, format('第 %s 层，上限 %s 层', t.place, c.max_tiers)
    from orgchart_charter c, lateral (
        select x.zone_id, x.name, greatest(x.number, row_number() over (order by x.number)) as place
        from orgchart_tier x where x.zone_id = c.zone_id and x.period @> day) t
    where c.zone_id = zone and c.period @> day and t.place > c.max_tiers
    order by t.place desc
$$;

create function orgchart_org_05_second_level(zone bigint, day date)
returns table (unit_id bigint, subject text, detail text) language sql stable as $$
    select b.unit_id, b.unit_name || ' ' || b.name, '下设于 ' || coalesce(p.name, '')
    from orgchart_charter c, orgchart_bureaus_of(zone, day) b
    left join orgchart_bureauversion p on p.bureau_id = b.parent_id and p.period @> day
    where c.zone_id = zone and c.period @> day and not c.second_level_allowed and b.parent_id is not null
$$;

create function orgchart_org_05_bureaus(zone bigint, day date)
returns table (unit_id bigint, subject text, detail text) language sql stable as $$
    select b.unit_id, b.unit_name, format('职能机构 %s 个，限额 %s 个', count(*), q."limit")
    from orgchart_bureaus_of(zone, day) b
    join orgchart_quota q on q.unit_id = b.unit_id and q.kind = 'bureaus' and q.period @> day
    where b.parent_id is null
    group by b.unit_id, b.unit_name, q."limit" having count(*) > q."limit"
$$;

-- Per unit, and for the zone as a whole; second-level units do not count twice.
create function orgchart_org_06(zone bigint, day date)
returns table (unit_id bigint, subject text, detail text) language sql stable as $$
    with counted as (
        select b.unit_id, b.unit_name, count(*) filter (where b.nature = 'core') as core, count(*) as total
        from orgchart_bureaus_of(zone, day) b where b.parent_id is null group by 1, 2
    ), judged as (
        select unit_id, unit_name, core, total from counted
        union all
        select zone, '全区', sum(core)::bigint, sum(total)::bigint from counted having sum(total) > 0
    )
    select j.unit_id, j.unit_name, format('主责主业机构 %s/%s，低于 %s%%', j.core, j.total,
           trim_scale(c.min_core_ratio * 100))
    from judged j join orgchart_charter c on c.zone_id = zone and c.period @> day
    where j.core < c.min_core_ratio * j.total
$$;

create function orgchart_org_07(zone bigint, day date)
returns table (unit_id bigint, subject text, detail text) language sql stable as $$
    select distinct park.unit_id, park.unit_name || ' ' || park.name, format('职能「%s」已由开发区 %s 承担', f.name, z.name)
    from orgchart_charter c, orgchart_bureaus_of(zone, day) z
    join orgchart_bureaufunction zf on zf.version_id = z.version_id
    join orgchart_bureaufunction pf on pf.function_id = zf.function_id
    join orgchart_bureaus_of(zone, day) park on park.version_id = pf.version_id and park.unit_id <> zone
    join orgchart_function f on f.id = zf.function_id
    where c.zone_id = zone and c.period @> day and not c.duplicates_allowed and z.unit_id = zone
$$;

insert into orgchart_turningpoint values ('orgchart_days');
insert into orgchart_hardrule values
    ('CHARTER', 'orgchart_charter_missing', '没有生效的机构编制规定'),
    ('ORG-05', 'orgchart_org_05_tiers', '管理层级超过规定'),
    ('ORG-05', 'orgchart_org_05_second_level', '职能机构不得下设二级内设机构'),
    ('ORG-05', 'orgchart_org_05_bureaus', '职能机构超过限额'),
    ('ORG-06', 'orgchart_org_06', '聚焦主责主业的职能机构比例低于规定'),
    ('ORG-07', 'orgchart_org_07', '开发区已设置的管理机构，功能园区不再另行设立');
-- reverse
delete from orgchart_hardrule;
delete from orgchart_turningpoint;
drop function orgchart_org_07(bigint, date);
drop function orgchart_org_06(bigint, date);
drop function orgchart_org_05_bureaus(bigint, date);
drop function orgchart_org_05_second_level(bigint, date);
drop function orgchart_org_05_tiers(bigint, date);
drop function orgchart_charter_missing(bigint, date);
drop function orgchart_bureaus_of(bigint, date);
drop function orgchart_days(bigint);
