-- A figure is never overwritten: a restated one is a row of a later vintage.
create trigger zones_figure_kept before update or delete on zones_figure
    for each row execute function common_refuse_change('FIGURE-KEPT', '基础数据不能修改或删除，更正请录入新的版本');

-- What a unit is decides who may stand above it and which law holds it: a city never becomes a park.
create trigger zones_unit_kind before update on zones_unit
    for each row when (old.kind is distinct from new.kind)
    execute function common_refuse_change('UNIT-KIND', '单位的类别不能更改');

-- Who may stand above whom, and never in a circle, on any day.
create function zones_check_parent() returns trigger language plpgsql as $$
declare
    own text;
    above text;
    circle boolean;
begin
    select kind into own from zones_unit where id = new.unit_id;
    select kind into above from zones_unit where id = new.parent_id;
    if not coalesce(case own
            when 'city' then above is null or above = 'city'
            when 'zone' then above = 'city'
            when 'park' then above in ('zone', 'city')
            when 'town' then above = 'city' end, false) then
        raise exception using errcode = '23514', constraint = 'UNIT-PARENT', message = '上级单位的类别不符';
    end if;
    if new.parent_id is null then return null; end if;
    -- One at a time, so that two transactions cannot each close half a circle.
    perform pg_advisory_xact_lock(hashtext('zones_check_parent'));
    with recursive up(unit_id, period) as (
        select new.parent_id, new.period
        union
        select v.parent_id, up.period * v.period from up
        join zones_unitversion v on v.unit_id = up.unit_id and v.period && up.period
        where v.parent_id is not null
    )
    select exists (select from up where unit_id = new.unit_id) into circle;
    if circle then
        raise exception using errcode = '23514', constraint = 'UNIT-CIRCLE', message = '单位的隶属关系成环';
    end if;
    return null;
end $$;
create constraint trigger zones_unit_parent after insert or update on zones_unitversion
    deferrable initially deferred for each row execute function zones_check_parent();
-- reverse
drop trigger zones_unit_parent on zones_unitversion;
drop trigger zones_unit_kind on zones_unit;
drop function zones_check_parent();
drop trigger zones_figure_kept on zones_figure;
