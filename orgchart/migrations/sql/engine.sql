-- The engine of the rules: finders give facts, exceptions tolerate what is real and over-full,
-- and whoever heads itself (a park that reports to a city) is judged as a zone is.

alter table orgchart_hardrule
    add column measure text not null,
    add column scope text not null default 'structure' check (scope in ('structure', 'roster')),
    add column spans boolean not null default false,
    drop constraint orgchart_hardrule_pkey,
    add primary key (rule_id, measure);

-- What was changed: the structure, by which everything is judged, or only who is on the roster.
alter table orgchart_pendingcheck
    add column scope text not null default 'structure' check (scope in ('structure', 'roster')),
    drop constraint orgchart_pendingcheck_pkey,
    add primary key (zone_id, scope);

-- The zones that a unit is or ever belonged to; a park counts as one of its own where it reports to a city.
create or replace function orgchart_zones_of(unit bigint) returns setof bigint language sql stable as $$
    select id from zones_unit where id = unit and kind = 'zone'
    union
    select case a.kind when 'zone' then v.parent_id else v.unit_id end
    from zones_unitversion v
    join zones_unit u on u.id = v.unit_id and u.kind = 'park'
    join zones_unit a on a.id = v.parent_id and a.kind in ('zone', 'city')
    where v.unit_id = unit
$$;

-- Which units belong to a zone, and when; the zone itself is one of them.
create function orgchart_membership(zone bigint) returns table (unit_id bigint, name text, period daterange)
language sql stable as $$
    select v.unit_id, v.short_name::text, v.period
    from zones_unitversion v
    join zones_unit u on u.id = v.unit_id
    left join zones_unit a on a.id = v.parent_id
    where (v.unit_id = zone and (u.kind = 'zone' or (u.kind = 'park' and a.kind = 'city')))
       or (v.parent_id = zone and u.kind = 'park' and a.kind = 'zone')
$$;

create or replace function orgchart_units_of(zone bigint, day date) returns table (unit_id bigint, name text)
language sql stable as $$
    select m.unit_id, m.name from orgchart_membership(zone) m where m.period @> day
$$;

-- What the charter of the day states for a rule; null where it says nothing.
create function orgchart_parameter(zone bigint, day date, rule text, parameter text) returns numeric
language sql stable as $$
    select p.value from orgchart_charter c join orgchart_charterparameter p on p.charter_id = c.id
    where c.zone_id = zone and c.period @> day and p.rule = $3 and p.name = $4
$$;

-- Notes the zones; two transactions that change one zone wait for each other here, whatever they change.
create function orgchart_note(zones bigint[], wanted text) returns void language plpgsql as $$
declare
    z bigint;
begin
    for z in select distinct x from unnest(zones) x where x is not null order by 1 loop
        perform pg_advisory_xact_lock(hashtextextended('orgchart_pendingcheck ' || z, 0));
        insert into orgchart_pendingcheck (zone_id, scope) values (z, wanted) on conflict do nothing;
    end loop;
end $$;

create or replace function orgchart_note(zones bigint[]) returns void language sql as $$
    select orgchart_note(zones, 'structure')
$$;

create function orgchart_refuse(
    rule orgchart_hardrule, day date, unit bigint, ref text, subject text, facts jsonb, excess numeric
) returns void language plpgsql as $$
begin
    raise exception using errcode = '23514', constraint = rule.rule_id,
        message = format('%s（%s）', rule.sentence, rule.rule_id),
        detail = jsonb_build_object('day', day, 'unit', unit, 'ref', ref, 'subject', subject,
                                    'measure', rule.measure, 'facts', facts, 'excess', excess)::text;
end $$;

-- A rule judged day by day. An exception tolerates up to what it allows, and on no day more than on the day before.
create function orgchart_judge_days(zone bigint, rule orgchart_hardrule, days date[]) returns void language plpgsql as $$
declare
    found record;
begin
    execute format($q$
        with found as materialized (
            select d.day, o.* from unnest($2) d(day), lateral %I($1, d.day) o
        ), totals as (
            select f.day, f.unit_id, sum(f.excess) as total from found f group by 1, 2
        ), tolerated as (
            select e.unit_id, d.day, e.allowed, coalesce(t.total, 0) as total,
                   lag(coalesce(t.total, 0)) over (partition by e.id order by d.day) as before
            from orgchart_ruleexception e
            join unnest($2) d(day) on e.period @> d.day
            left join totals t on t.unit_id = e.unit_id and t.day = d.day
            where e.zone_id = $1 and e.rule = $3 and e.measure = $4
        )
        select f.* from found f left join tolerated t on t.unit_id = f.unit_id and t.day = f.day
        where t.unit_id is null or t.total > t.allowed or t.total > t.before
        order by f.day, f.unit_id, f.ref limit 1 $q$, rule.finder)
        into found using zone, days, rule.rule_id, rule.measure;
    if found.day is not null then
        perform orgchart_refuse(rule, found.day, found.unit_id, found.ref, found.subject, found.facts, found.excess);
    end if;
end $$;

-- A rule whose finder gives the days of each breach itself. The same of exceptions as above.
create function orgchart_judge_spans(zone bigint, rule orgchart_hardrule) returns void language plpgsql as $$
declare
    found record;
begin
    execute format($q$
        with found as materialized (
            select * from %I($1)
        ), exceptions as (
            select * from orgchart_ruleexception where zone_id = $1 and rule = $2 and measure = $3
        ), covered as (
            select unit_id, range_agg(period) as days from exceptions group by 1
        ), bare as (
            select f.*, lower(datemultirange(f.period) - coalesce(c.days, '{}')) as day
            from found f left join covered c on c.unit_id = f.unit_id
            where not coalesce(c.days, '{}') @> f.period
        ), points as (
            select e.id, e.unit_id, e.allowed, d.day
            from exceptions e, lateral (
                select lower(e.period) union
                select unnest(array[lower(f.period), upper(f.period)]) from found f where f.unit_id = e.unit_id
            ) d(day)
            where e.period @> d.day
        ), totals as (
            select p.*, (select coalesce(sum(f.excess), 0) from found f
                         where f.unit_id = p.unit_id and f.period @> p.day) as total
            from points p
        ), steps as (
            select t.*, lag(t.total) over (partition by t.id order by t.day) as before from totals t
        ), worse as (
            select f.*, s.day from steps s join found f on f.unit_id = s.unit_id and f.period @> s.day
            where s.total > s.allowed or s.total > s.before
        )
        select * from (select * from bare union all select * from worse) x order by x.day, x.unit_id, x.ref limit 1 $q$,
        rule.finder)
        into found using zone, rule.rule_id, rule.measure;
    if found.day is not null then
        perform orgchart_refuse(rule, found.day, found.unit_id, found.ref, found.subject, found.facts, found.excess);
    end if;
end $$;

-- A change to the structure is judged by every hard rule, one to the roster by the roster's.
create function orgchart_judge(zone bigint, wanted text) returns void language plpgsql as $$
declare
    source record;
    rule orgchart_hardrule;
    days date[] := '{}';
    more date[];
begin
    for source in select finder from orgchart_turningpoint order by finder loop
        execute format('select array_agg(distinct d) from %I($1) d where d is not null', source.finder)
            into more using zone;
        days := days || coalesce(more, '{}');
    end loop;
    select array_agg(distinct d) into days from unnest(days) d;
    for rule in select * from orgchart_hardrule where wanted = 'structure' or scope = wanted order by rule_id, measure loop
        if rule.spans then
            perform orgchart_judge_spans(zone, rule);
        else
            perform orgchart_judge_days(zone, rule, days);
        end if;
    end loop;
end $$;

drop function orgchart_judge(bigint);

create or replace function orgchart_hold() returns trigger language plpgsql as $$
begin
    -- Taken off first, so that a later change in this transaction is judged again.
    delete from orgchart_pendingcheck where zone_id = new.zone_id and scope = new.scope;
    if not found then return null; end if;
    if new.scope = 'structure' then
        delete from orgchart_pendingcheck where zone_id = new.zone_id;
    elsif exists (select from orgchart_pendingcheck where zone_id = new.zone_id) then
        return null; -- judged with the structure, whose turn is to come
    end if;
    perform orgchart_judge(new.zone_id, new.scope);
    return null;
end $$;

-- The charter whose parameter it is.
create function orgchart_note_parameter() returns trigger language plpgsql as $$
begin
    perform orgchart_note(array(
        select c.zone_id from orgchart_charter c
        where c.id = case tg_op when 'DELETE' then old.charter_id else new.charter_id end));
    return null;
end $$;
create trigger orgchart_note after insert or update or delete on orgchart_charterparameter
    for each row execute function orgchart_note_parameter();
create trigger orgchart_note after insert or update or delete on orgchart_ruleexception
    for each row execute function orgchart_note_unit('zone_id');
-- reverse
drop trigger orgchart_note on orgchart_ruleexception;
drop trigger orgchart_note on orgchart_charterparameter;
drop function orgchart_note_parameter();
create or replace function orgchart_hold() returns trigger language plpgsql as $$
begin
    -- Taken off first, so that a later change in this transaction is judged again.
    delete from orgchart_pendingcheck where zone_id = new.zone_id;
    perform orgchart_judge(new.zone_id);
    return null;
end $$;
create function orgchart_judge(zone bigint) returns void language plpgsql as $$
declare
    source record;
    rule record;
    days date[] := '{}';
    more date[];
    d date;
    offence record;
begin
    for source in select finder from orgchart_turningpoint order by finder loop
        execute format('select array_agg(distinct d) from %I($1) d where d is not null', source.finder)
            into more using zone;
        days := days || coalesce(more, '{}');
    end loop;
    for d in select distinct x from unnest(days) x order by x loop
        for rule in select rule_id, finder, sentence from orgchart_hardrule order by rule_id, finder loop
            execute format('select subject, detail from %I($1, $2) limit 1', rule.finder) into offence using zone, d;
            if offence.subject is not null then
                raise exception using errcode = '23514', constraint = rule.rule_id,
                    message = format('%s（%s）', rule.sentence, rule.rule_id),
                    detail = format('%s %s %s', d, offence.subject, offence.detail);
            end if;
        end loop;
    end loop;
end $$;
drop function orgchart_judge(bigint, text);
drop function orgchart_judge_spans(bigint, orgchart_hardrule);
drop function orgchart_judge_days(bigint, orgchart_hardrule, date[]);
drop function orgchart_refuse(orgchart_hardrule, date, bigint, text, text, jsonb, numeric);
create or replace function orgchart_note(zones bigint[]) returns void language sql as $$
    insert into orgchart_pendingcheck select distinct z from unnest(zones) z where z is not null
    order by 1 on conflict do nothing
$$;
drop function orgchart_note(bigint[], text);
drop function orgchart_parameter(bigint, date, text, text);
create or replace function orgchart_units_of(zone bigint, day date) returns table (unit_id bigint, name text)
language sql stable as $$
    select v.unit_id, v.short_name::text from zones_unitversion v
    where v.period @> day and (v.unit_id = zone or v.parent_id = zone)
$$;
drop function orgchart_membership(bigint);
create or replace function orgchart_zones_of(unit bigint) returns setof bigint language sql stable as $$
    select id from zones_unit where id = unit and kind = 'zone'
    union
    select v.parent_id from zones_unitversion v join zones_unit z on z.id = v.parent_id and z.kind = 'zone'
    where v.unit_id = unit
$$;
delete from orgchart_pendingcheck where scope <> 'structure';
alter table orgchart_pendingcheck drop column scope, add primary key (zone_id);
alter table orgchart_hardrule
    drop constraint orgchart_hardrule_pkey, drop column measure, drop column scope, drop column spans,
    add primary key (rule_id, finder);
