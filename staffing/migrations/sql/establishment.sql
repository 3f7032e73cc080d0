-- What is counted of people and posts: establishment (ORG-01), categories (ORG-03), leaders and heads (ORG-04, ORG-09).
-- Each finder (zone) -> offenders gives the days of every breach at once: a roster turns on thousands of days.

-- Who sits where in the zone, and since when. Whoever is seconded counts at home.
create function staffing_placed(zone bigint) returns table (
    unit_id bigint, unit_name text, person_id bigint, category text, kind text, tier text, rank text, period daterange)
language sql stable as $$
    select m.unit_id, m.name, a.person_id, p.category::text, a.kind::text, t.kind::text, v.rank::text,
           a.period * v.period * m.period
    from orgchart_membership(zone) m
    join staffing_postversion v on v.unit_id = m.unit_id and v.period && m.period
    join staffing_appointment a on a.post_id = v.post_id and a.period && v.period and a.period && m.period
    join orgchart_tier t on t.id = v.tier_id
    join staffing_person p on p.id = a.person_id
    where a.kind <> 'seconded' and not isempty(a.period * v.period * m.period)
$$;

-- How many people of each kind of quota each unit has, in steps. A person counts once a unit, and on the
-- establishment only where he has his own post, or is acting.
create function staffing_counts(zone bigint)
returns table (unit_id bigint, kind text, count bigint, period daterange) language sql stable as $$
    with placed as materialized (
        select * from staffing_placed(zone)
    ), counted as (
        select p.unit_id, k.kind, p.person_id, p.period
        from placed p, unnest(array['staff', p.category]) k(kind) where p.kind in ('primary', 'acting')
        union all
        select p.unit_id, case p.tier when 'leader' then 'leaders' else 'heads' end, p.person_id, p.period
        from placed p where p.tier in ('leader', 'head')
        union all
        select p.unit_id, 'leaders_' || replace(p.rank, 'full_section', 'section'), p.person_id, p.period
        from placed p where p.tier = 'leader' and p.rank <> ''
    ), spells as (
        select c.unit_id, c.kind, unnest(range_agg(c.period)) as period from counted c group by c.unit_id, c.kind, c.person_id
    ), steps as (
        select s.unit_id, s.kind, lower(s.period) as day, 1 as step from spells s
        union all
        select s.unit_id, s.kind, upper(s.period), -1 from spells s where upper(s.period) is not null
    ), days as (
        select unit_id, kind, day, sum(step) as step from steps group by 1, 2, 3
    )
    select d.unit_id, d.kind, (sum(d.step) over so_far)::bigint, daterange(d.day, lead(d.day) over so_far)
    from days d window so_far as (partition by d.unit_id, d.kind order by d.day)
$$;

-- How many posts of leaders and heads each unit has set up, in steps.
create function staffing_post_counts(zone bigint)
returns table (unit_id bigint, kind text, count bigint, period daterange) language sql stable as $$
    with set_up as (
        select m.unit_id, case t.kind when 'leader' then 'leaders' else 'heads' end as kind, v.headcount,
               v.period * m.period as period
        from orgchart_membership(zone) m
        join staffing_postversion v on v.unit_id = m.unit_id and v.period && m.period
        join orgchart_tier t on t.id = v.tier_id and t.kind in ('leader', 'head')
    ), days as (
        select unit_id, kind, lower(period) as day, sum(headcount) as step from set_up group by 1, 2, 3
        union all
        select unit_id, kind, upper(period), -sum(headcount) from set_up where upper(period) is not null group by 1, 2, 3
    ), summed as (
        select unit_id, kind, day, sum(step) as step from days group by 1, 2, 3
    )
    select d.unit_id, d.kind, (sum(d.step) over so_far)::bigint, daterange(d.day, lead(d.day) over so_far)
    from summed d window so_far as (partition by d.unit_id, d.kind order by d.day)
$$;

create type staffing_count as (unit_id bigint, kind text, count bigint, period daterange);

-- Of such counts, those over the unit's quota.
create function staffing_over(counts staffing_count[], kinds text[]) returns table (
    unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    select c.unit_id, 'unit:' || u.code, coalesce((
               select v.short_name from zones_unitversion v
               where v.unit_id = c.unit_id and v.period @> lower(c.period * q.period)), u.code),
           jsonb_build_object('kind', c.kind, 'count', c.count, 'limit', q."limit"),
           (c.count - q."limit")::numeric, c.period * q.period
    from unnest(counts) c
    join orgchart_quota q on q.unit_id = c.unit_id and q.kind = c.kind and q.period && c.period and c.count > q."limit"
    join zones_unit u on u.id = c.unit_id
    where c.kind = any (kinds)
$$;

create function staffing_org_01(zone bigint) returns table (
    unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    select o.* from staffing_over(
        array(select row(c.*)::staffing_count from staffing_counts(zone) c),
        array['staff', 'administrative', 'institution', 'quota', 'contract']) o
$$;

create function staffing_org_04_people(zone bigint) returns table (
    unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    select o.* from staffing_over(
        array(select row(c.*)::staffing_count from staffing_counts(zone) c), array['leaders', 'heads']) o
$$;

create function staffing_org_04_posts(zone bigint) returns table (
    unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    select o.* from staffing_over(
        array(select row(c.*)::staffing_count from staffing_post_counts(zone) c), array['leaders', 'heads']) o
$$;

create function staffing_org_09(zone bigint) returns table (
    unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    select o.* from staffing_over(
        array(select row(c.*)::staffing_count from staffing_counts(zone) c),
        array['leaders_full_division', 'leaders_deputy_division', 'leaders_section']) o
$$;

-- People whose establishment is not that of the organ where they have their post.
create function staffing_org_03(zone bigint) returns table (
    unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    select p.unit_id, 'person:' || s.staff_no, s.name::text,
           jsonb_build_object('kind', p.category, 'organ', v.organ, 'unit', p.unit_name, 'unit_en', v.short_name_en),
           1::numeric, unnest(range_agg(p.period * v.period))
    from staffing_placed(zone) p
    join zones_unitversion v on v.unit_id = p.unit_id and v.period && p.period
    join staffing_person s on s.id = p.person_id
    where p.kind in ('primary', 'acting')
      and (v.organ, p.category) in (('administrative', 'institution'), ('institution', 'administrative'))
    group by p.unit_id, s.staff_no, s.name, p.category, v.organ, p.unit_name, v.short_name_en
$$;

-- Posts set up on an establishment that the organ may not use.
create function staffing_org_03_posts(zone bigint) returns table (
    unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    select m.unit_id, 'post:' || p.code, v.name::text,
           jsonb_build_object('kind', v.establishment, 'organ', u.organ, 'unit', m.name, 'unit_en', u.short_name_en,
                              'subject_en', v.name_en),
           1::numeric, v.period * u.period * m.period
    from orgchart_membership(zone) m
    join zones_unitversion u on u.unit_id = m.unit_id and u.period && m.period
    join staffing_postversion v on v.unit_id = m.unit_id and v.period && u.period and v.period && m.period
    join staffing_post p on p.id = v.post_id
    where (u.organ, v.establishment) in (('administrative', 'institution'), ('institution', 'administrative'))
      and not isempty(v.period * u.period * m.period)
$$;

insert into orgchart_hardrule (rule_id, measure, finder, sentence, scope, spans) values
    ('ORG-01', 'people', 'staffing_org_01', '实有人员超过编制', 'roster', true),
    ('ORG-03', 'people', 'staffing_org_03', '行政机构用行政编制，事业单位用事业编制', 'roster', true),
    ('ORG-03', 'posts', 'staffing_org_03_posts', '行政机构用行政编制，事业单位用事业编制', 'roster', true),
    ('ORG-04', 'people', 'staffing_org_04_people', '领导或部门负责人超过职数', 'roster', true),
    ('ORG-04', 'posts', 'staffing_org_04_posts', '领导或部门负责人岗位超过职数', 'roster', true),
    ('ORG-09', 'people', 'staffing_org_09', '领导成员超过该职务层次的职数', 'roster', true);

-- Whatever changes who sits where notes the zones of the units concerned, once a statement.
create function staffing_recount_posts() returns trigger language plpgsql as $$
begin
    perform orgchart_note(array(
        select orgchart_zones_of(u.unit_id) from (select distinct unit_id from changed) u), 'roster');
    return null;
end $$;
create function staffing_recount_appointments() returns trigger language plpgsql as $$
begin
    perform orgchart_note(array(
        select orgchart_zones_of(u.unit_id) from (
            select distinct v.unit_id from changed c join staffing_postversion v on v.post_id = c.post_id) u), 'roster');
    return null;
end $$;
create function staffing_recount_people() returns trigger language plpgsql as $$
begin
    perform orgchart_note(array(
        select orgchart_zones_of(u.unit_id) from (
            select distinct v.unit_id from changed c
            join staffing_appointment a on a.person_id = c.id
            join staffing_postversion v on v.post_id = a.post_id) u), 'roster');
    return null;
end $$;
do $$
declare
    t record;
begin
    for t in select * from (values ('staffing_postversion', 'staffing_recount_posts'),
                                   ('staffing_appointment', 'staffing_recount_appointments'),
                                   ('staffing_person', 'staffing_recount_people')) x(name, fn) loop
        execute format('create trigger staffing_recount_added after insert on %I referencing new table as changed '
                       'for each statement execute function %I()', t.name, t.fn);
        execute format('create trigger staffing_recount_now after update on %I referencing new table as changed '
                       'for each statement execute function %I()', t.name, t.fn);
        execute format('create trigger staffing_recount_before after update on %I referencing old table as changed '
                       'for each statement execute function %I()', t.name, t.fn);
        execute format('create trigger staffing_recount_removed after delete on %I referencing old table as changed '
                       'for each statement execute function %I()', t.name, t.fn);
    end loop;
end $$;
-- reverse
do $$
declare
    t text;
    trigger_name text;
begin
    foreach t in array array['staffing_postversion', 'staffing_appointment', 'staffing_person'] loop
        foreach trigger_name in array array[
                'staffing_recount_added', 'staffing_recount_now', 'staffing_recount_before', 'staffing_recount_removed'] loop
            execute format('drop trigger %I on %I', trigger_name, t);
        end loop;
    end loop;
end $$;
drop function staffing_recount_people();
drop function staffing_recount_appointments();
drop function staffing_recount_posts();
delete from orgchart_hardrule where finder like 'staffing_org_%';
drop function staffing_org_03_posts(bigint);
drop function staffing_org_03(bigint);
drop function staffing_org_09(bigint);
drop function staffing_org_04_posts(bigint);
drop function staffing_org_04_people(bigint);
drop function staffing_org_01(bigint);
drop function staffing_over(staffing_count[], text[]);
drop type staffing_count;
drop function staffing_post_counts(bigint);
drop function staffing_counts(bigint);
drop function staffing_placed(bigint);
