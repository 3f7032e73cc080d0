-- Holding a zone's structure to its charter, at COMMIT, on every path.
--
-- A change to any table of the structure notes its zones in orgchart_pendingcheck.
-- At COMMIT each noted zone is judged once, on every day on which anything in it
-- begins or ends, by every hard rule in orgchart_hardrule. The row also keeps two
-- transactions from changing one zone at a time, so neither judges half a change.

create table orgchart_pendingcheck (zone_id bigint primary key);

-- A hard rule: its id, and the function (zone, day) -> (unit_id, subject, detail) that finds offenders.
create table orgchart_hardrule (rule_id text, finder text, sentence text not null, primary key (rule_id, finder));

-- Functions (zone) -> days on which something in the zone begins or ends.
create table orgchart_turningpoint (finder text primary key);

-- The zone that a unit is or ever belonged to.
create function orgchart_zones_of(unit bigint) returns setof bigint language sql stable as $$
    select id from zones_unit where id = unit and kind = 'zone'
    union
    select v.parent_id from zones_unitversion v join zones_unit z on z.id = v.parent_id and z.kind = 'zone'
    where v.unit_id = unit
$$;

-- The zone and its parks on a day.
create function orgchart_units_of(zone bigint, day date) returns table (unit_id bigint, name text)
language sql stable as $$
    select v.unit_id, v.short_name::text from zones_unitversion v
    where v.period @> day and (v.unit_id = zone or v.parent_id = zone)
$$;

create function orgchart_note(zones bigint[]) returns void language sql as $$
    insert into orgchart_pendingcheck select distinct z from unnest(zones) z where z is not null
    order by 1 on conflict do nothing
$$;

-- Argument: the column that holds the unit.
create function orgchart_note_unit() returns trigger language plpgsql as $$
declare
    touched bigint[] := '{}';
begin
    if tg_op <> 'DELETE' then
        touched := touched || array(select orgchart_zones_of((to_jsonb(new) ->> tg_argv[0])::bigint));
    end if;
    if tg_op <> 'INSERT' then
        touched := touched || array(select orgchart_zones_of((to_jsonb(old) ->> tg_argv[0])::bigint));
    end if;
    perform orgchart_note(touched);
    return null;
end $$;

create function orgchart_note_function() returns trigger language plpgsql as $$
begin
    perform orgchart_note(array(
        select orgchart_zones_of(v.unit_id) from orgchart_bureauversion v
        where v.id = case tg_op when 'DELETE' then old.version_id else new.version_id end));
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

create function orgchart_hold() returns trigger language plpgsql as $$
begin
    -- Taken off first, so that a later change in this transaction is judged again.
    delete from orgchart_pendingcheck where zone_id = new.zone_id;
    perform orgchart_judge(new.zone_id);
    return null;
end $$;
create constraint trigger orgchart_hold after insert on orgchart_pendingcheck
    deferrable initially deferred for each row execute function orgchart_hold();

create trigger orgchart_note after insert or update or delete on zones_unitversion
    for each row execute function orgchart_note_unit('unit_id');
create trigger orgchart_note_parent after insert or update or delete on zones_unitversion
    for each row execute function orgchart_note_unit('parent_id');
create trigger orgchart_note after insert or update or delete on orgchart_charter
    for each row execute function orgchart_note_unit('zone_id');
create trigger orgchart_note after insert or update or delete on orgchart_tier
    for each row execute function orgchart_note_unit('zone_id');
create trigger orgchart_note after insert or update or delete on orgchart_quota
    for each row execute function orgchart_note_unit('unit_id');
create trigger orgchart_note after insert or update or delete on orgchart_bureauversion
    for each row execute function orgchart_note_unit('unit_id');
create trigger orgchart_note after insert or update or delete on orgchart_bureaufunction
    for each row execute function orgchart_note_function();

-- A bureau stands only while its unit does; a duty's bureau while it bears the duty.
create constraint trigger orgchart_bureau_in_unit after insert or update on orgchart_bureauversion
    deferrable initially deferred for each row execute function common_check_covered(
        'zones_unitversion', 'unit_id', 'unit_id', 'BUREAU-IN-UNIT', '职能机构的起止须在所属单位存续期内');
create constraint trigger orgchart_unit_keeps_bureaus after update or delete on zones_unitversion
    deferrable initially deferred for each row execute function common_check_covers(
        'unit_id', 'orgchart_bureauversion', 'unit_id', 'BUREAU-IN-UNIT', '该单位下仍有职能机构');
create constraint trigger orgchart_parent_stands after insert or update on orgchart_bureauversion
    deferrable initially deferred for each row execute function common_check_covered(
        'orgchart_bureauversion', 'bureau_id', 'parent_id', 'BUREAU-PARENT', '上级机构在此期间须存续');
create constraint trigger orgchart_duty_bearer_stands after insert or update on orgchart_dutyassignment
    deferrable initially deferred for each row execute function common_check_covered(
        'orgchart_bureauversion', 'bureau_id', 'bureau_id', 'DUTY-BEARER', '承担职责的机构在此期间须存续');
create constraint trigger orgchart_bureau_keeps_duties after update or delete on orgchart_bureauversion
    deferrable initially deferred for each row execute function common_check_covers(
        'bureau_id', 'orgchart_dutyassignment', 'bureau_id', 'DUTY-BEARER', '该机构仍承担职责，须先移交');
create constraint trigger orgchart_bureau_keeps_children after update or delete on orgchart_bureauversion
    deferrable initially deferred for each row execute function common_check_covers(
        'bureau_id', 'orgchart_bureauversion', 'parent_id', 'BUREAU-PARENT', '该机构仍有下设机构');

-- A second-level unit stands in its superior's unit, and never in a circle, on any day.
create function orgchart_check_parent() returns trigger language plpgsql as $$
declare
    circle boolean;
begin
    if exists (select from orgchart_bureauversion own join orgchart_bureauversion up
               on up.bureau_id = own.parent_id and up.period && own.period and up.unit_id <> own.unit_id
               where own.bureau_id = new.bureau_id)
       or exists (select from orgchart_bureauversion own join orgchart_bureauversion up
                  on up.bureau_id = own.parent_id and up.period && own.period and up.unit_id <> own.unit_id
                  where own.parent_id = new.bureau_id) then
        raise exception using errcode = '23514', constraint = 'BUREAU-PARENT', message = '上级机构不在同一单位';
    end if;
    with recursive up(bureau_id, period) as (
        select v.parent_id, v.period from orgchart_bureauversion v where v.id = new.id and v.parent_id is not null
        union
        select v.parent_id, up.period * v.period from up
        join orgchart_bureauversion v on v.bureau_id = up.bureau_id and v.period && up.period
        where v.parent_id is not null
    )
    select exists (select from up where bureau_id = new.bureau_id) into circle;
    if circle then
        raise exception using errcode = '23514', constraint = 'BUREAU-CIRCLE', message = '机构的上下级关系成环';
    end if;
    return null;
end $$;
create constraint trigger orgchart_bureau_parent after insert or update on orgchart_bureauversion
    deferrable initially deferred for each row execute function orgchart_check_parent();
-- reverse
drop trigger orgchart_bureau_parent on orgchart_bureauversion;
drop function orgchart_check_parent();
drop trigger orgchart_bureau_keeps_children on orgchart_bureauversion;
drop trigger orgchart_bureau_keeps_duties on orgchart_bureauversion;
drop trigger orgchart_duty_bearer_stands on orgchart_dutyassignment;
drop trigger orgchart_parent_stands on orgchart_bureauversion;
drop trigger orgchart_unit_keeps_bureaus on zones_unitversion;
drop trigger orgchart_bureau_in_unit on orgchart_bureauversion;
drop trigger orgchart_note on orgchart_bureaufunction;
drop trigger orgchart_note on orgchart_bureauversion;
drop trigger orgchart_note on orgchart_quota;
drop trigger orgchart_note on orgchart_tier;
drop trigger orgchart_note on orgchart_charter;
drop trigger orgchart_note_parent on zones_unitversion;
drop trigger orgchart_note on zones_unitversion;
drop trigger orgchart_hold on orgchart_pendingcheck;
drop function orgchart_hold();
drop function orgchart_judge(bigint);
drop function orgchart_note_function();
drop function orgchart_note_unit();
drop function orgchart_note(bigint[]);
drop function orgchart_units_of(bigint, date);
drop function orgchart_zones_of(bigint);
drop table orgchart_turningpoint;
drop table orgchart_hardrule;
drop table orgchart_pendingcheck;
