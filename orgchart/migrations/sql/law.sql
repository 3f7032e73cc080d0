-- More rules of structure: instruments, quotas that must be stated, categories of establishment, rank and dispatching
-- body, and other places' rules, which a charter adopts by stating their parameters. As in finders.sql.

-- Every kind of quota that the charter limits is stated for each unit that has bureaus.
create function orgchart_charter_quotas(zone bigint, day date)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric) language sql stable as $$
    select c.unit_id, 'unit:' || c.code, c.name, jsonb_build_object('kind', k.kind), 1::numeric
    from orgchart_counts_of(zone, day) c, orgchart_charter l, unnest(l.limited_kinds) k(kind)
    where l.zone_id = zone and l.period @> day and not exists (
        select from orgchart_quota q where q.unit_id = c.unit_id and q.kind = k.kind and q.period @> day)
$$;

-- Set up, merged, renamed or regraded before the instrument that approves it was issued.
create function orgchart_org_02_late(zone bigint, day date)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric) language sql stable as $$
    select b.unit_id, 'bureau:' || b.code, b.unit_name || ' ' || b.name,
           jsonb_build_object('starts', lower(v.period), 'issued', i.issued_on), 1::numeric
    from orgchart_bureaus_of(zone, day) b
    join orgchart_bureauversion v on v.id = b.version_id
    join zones_instrument i on i.id = v.instrument_id
    where i.issued_on > lower(v.period)
$$;

-- Abolished: no version follows on the last one, and no instrument says so, or one of a later day.
create function orgchart_org_02_closing(zone bigint, day date)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric) language sql stable as $$
    select m.unit_id, 'bureau:' || b.code, m.name || ' ' || v.name, jsonb_build_object('ends', upper(v.period)), 1::numeric
    from orgchart_membership(zone) m
    join orgchart_bureauversion v on v.unit_id = m.unit_id and upper(v.period) <= day and m.period @> (upper(v.period) - 1)
    join orgchart_bureau b on b.id = v.bureau_id
    left join zones_instrument i on i.id = v.closed_by_id
    where (i.id is null or i.issued_on > upper(v.period))
      and not exists (select from orgchart_bureauversion n
                      where n.bureau_id = v.bureau_id and lower(n.period) = upper(v.period))
$$;

create function orgchart_org_02_number(zone bigint, day date)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric) language sql stable as $$
    select b.unit_id, 'unit:' || u.code, b.unit_name, jsonb_build_object('title', i.title, 'count', count(*)),
           count(*)::numeric
    from orgchart_bureaus_of(zone, day) b
    join zones_unit u on u.id = b.unit_id
    join orgchart_bureauversion v on v.id = b.version_id
    join zones_instrument i on i.id = v.instrument_id and i.number = ''
    group by 1, 2, 3, i.id
$$;

-- Administrative establishment in a public institution, or the other way round.
create function orgchart_org_03_quota(zone bigint, day date)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric) language sql stable as $$
    select m.unit_id, 'unit:' || u.code, m.name, jsonb_build_object('kind', q.kind, 'organ', v.organ, 'limit', q."limit"),
           q."limit"::numeric
    from orgchart_units_of(zone, day) m
    join zones_unit u on u.id = m.unit_id
    join zones_unitversion v on v.unit_id = m.unit_id and v.period @> day
    join orgchart_quota q on q.unit_id = m.unit_id and q.period @> day and q."limit" > 0
    where (v.organ, q.kind) in (('administrative', 'institution'), ('institution', 'administrative'))
$$;

-- A rank or dispatching body that no instrument gave, or one of a later day.
create function orgchart_org_08_instrument(zone bigint, day date)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric) language sql stable as $$
    select m.unit_id, 'unit:' || u.code, m.name, jsonb_build_object('rank', v.rank, 'body', v.dispatched_by), 1::numeric
    from orgchart_units_of(zone, day) m
    join zones_unit u on u.id = m.unit_id
    join zones_unitversion v on v.unit_id = m.unit_id and v.period @> day
    left join zones_instrument i on i.id = v.instrument_id
    where (v.rank <> '' or v.dispatched_by <> '') and (i.id is null or i.issued_on > lower(v.period))
$$;

create function orgchart_org_08_unpublished(zone bigint, day date)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric) language sql stable as $$
    select m.unit_id, 'unit:' || u.code, m.name, jsonb_build_object('rank', v.rank, 'body', v.dispatched_by), 1::numeric
    from orgchart_units_of(zone, day) m
    join zones_unit u on u.id = m.unit_id
    join zones_unitversion v on v.unit_id = m.unit_id and v.period @> day
    where v.rank = '' or v.dispatched_by = ''
$$;

-- Of the zone's own bureaus at most so many, and nothing below them.
create function orgchart_org_10_cap(zone bigint, day date)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric) language sql stable as $$
    select c.unit_id, 'unit:' || c.code, c.name, jsonb_build_object('count', c.total, 'limit', p.most::integer),
           c.total - p.most
    from orgchart_counts_of(zone, day) c, (select orgchart_parameter(zone, day, 'ORG-10', 'cap') as most) p
    where c.unit_id = zone and c.total > p.most
$$;

create function orgchart_org_10_sublevel(zone bigint, day date)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric) language sql stable as $$
    select b.unit_id, 'bureau:' || b.code, b.unit_name || ' ' || b.name,
           jsonb_build_object('superior', coalesce(p.name, ''), 'superior_en', p.name_en), 1::numeric
    from orgchart_bureaus_of(zone, day) b
    left join orgchart_bureauversion p on p.bureau_id = b.parent_id and p.period @> day
    where b.unit_id = zone and b.parent_id is not null and orgchart_parameter(zone, day, 'ORG-10', 'cap') is not null
$$;

-- Bureaus for nothing but economic development: themselves core, and every function of theirs.
create function orgchart_org_11(zone bigint, day date)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric) language sql stable as $$
    with counted as (
        select b.unit_id, b.unit_name, count(*) as total, count(*) filter (where b.nature = 'core' and not exists (
            select from orgchart_bureaufunction h join orgchart_function f on f.id = h.function_id
            where h.version_id = b.version_id and f.nature <> 'core')) as pure
        from orgchart_bureaus_of(zone, day) b where b.parent_id is null group by 1, 2
    )
    select c.unit_id, 'unit:' || u.code, c.unit_name,
           jsonb_build_object('core', c.pure, 'total', c.total, 'least', trim_scale(p.least * 100)::text),
           ceil(p.least * c.total) - c.pure
    from counted c join zones_unit u on u.id = c.unit_id,
         (select orgchart_parameter(zone, day, 'ORG-11', 'min_ratio') as least) p
    where c.pure < p.least * c.total
$$;

create function orgchart_org_12(zone bigint, day date)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric) language sql stable as $$
    select c.unit_id, 'unit:' || c.code, c.name,
           jsonb_build_object('core', c.core, 'total', c.total, 'least', trim_scale(p.least * 100)::text),
           ceil(p.least * c.total) - c.core
    from orgchart_counts_of(zone, day) c, (select orgchart_parameter(zone, day, 'ORG-12', 'min_ratio') as least) p
    where c.core < p.least * c.total
$$;

insert into orgchart_hardrule (rule_id, measure, finder, sentence) values
    ('CHARTER', 'quotas', 'orgchart_charter_quotas', '规定实行限额管理的种类，各单位均须有限额'),
    ('ORG-02', 'late', 'orgchart_org_02_late', '机构设立、合并或变更规格、名称须经批准后实施'),
    ('ORG-02', 'closing', 'orgchart_org_02_closing', '机构撤销须有批文'),
    ('ORG-03', 'quota', 'orgchart_org_03_quota', '行政机构用行政编制，事业单位用事业编制'),
    ('ORG-08', 'instrument', 'orgchart_org_08_instrument', '机构规格和派出机关须有批文'),
    ('ORG-10', 'cap', 'orgchart_org_10_cap', '开发区管理机构的内设机构超过限额'),
    ('ORG-10', 'sublevel', 'orgchart_org_10_sublevel', '内设机构不再下设管理层级'),
    ('ORG-11', 'share', 'orgchart_org_11', '专门承担经济发展职责的内设机构比例低于规定'),
    ('ORG-12', 'share', 'orgchart_org_12', '经济发展部门比例低于规定');
-- reverse
delete from orgchart_hardrule where finder in (
    'orgchart_charter_quotas', 'orgchart_org_02_late', 'orgchart_org_02_closing', 'orgchart_org_03_quota',
    'orgchart_org_08_instrument', 'orgchart_org_10_cap', 'orgchart_org_10_sublevel', 'orgchart_org_11', 'orgchart_org_12');
drop function orgchart_org_12(bigint, date);
drop function orgchart_org_11(bigint, date);
drop function orgchart_org_10_sublevel(bigint, date);
drop function orgchart_org_10_cap(bigint, date);
drop function orgchart_org_08_unpublished(bigint, date);
drop function orgchart_org_08_instrument(bigint, date);
drop function orgchart_org_03_quota(bigint, date);
drop function orgchart_org_02_number(bigint, date);
drop function orgchart_org_02_closing(bigint, date);
drop function orgchart_org_02_late(bigint, date);
drop function orgchart_charter_quotas(bigint, date);
