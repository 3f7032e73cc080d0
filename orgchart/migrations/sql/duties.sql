-- DUTY-01: none is dropped. What was once borne in an area is borne without a gap, unless a document closed it.

-- The days on which a duty lies with nobody although it was borne before; open where nobody took it up again.
create function orgchart_duty_gaps(duty bigint, area bigint) returns table (gap daterange)
language sql stable as $$
    select daterange(upper(a.period), (select min(lower(n.period)) from orgchart_dutyassignment n
                                       where n.duty_id = duty and n.area_id = area and lower(n.period) > upper(a.period)))
    from orgchart_dutyassignment a
    where a.duty_id = duty and a.area_id = area and not upper_inf(a.period) and a.closed_by_id is null
      and not exists (select from orgchart_dutyassignment n where n.duty_id = duty and n.area_id = area
                      and lower(n.period) = upper(a.period))
    order by 1
$$;

create function orgchart_duty_dropped(duty bigint, area bigint, days daterange) returns void language plpgsql as $$
begin
    raise exception using errcode = '23514', constraint = 'DUTY-01',
        message = '职责一经承担不能中断，终止须有依据（DUTY-01）',
        detail = format('%s %s %s', (select name from orgchart_duty where id = duty),
                        coalesce((select v.short_name from zones_unitversion v where v.unit_id = area
                                  order by v.period @> lower(days) desc, v.period desc limit 1), ''), days);
end $$;

create function orgchart_check_duty_borne() returns trigger language plpgsql as $$
declare
    lost daterange;
begin
    if tg_op <> 'INSERT' then
        -- The days that this row covered are covered still, or were given up by a document.
        for lost in select unnest(datemultirange(old.period) - coalesce(range_agg(a.period), '{}'::datemultirange))
                    from orgchart_dutyassignment a where a.duty_id = old.duty_id and a.area_id = old.area_id
        loop
            if not exists (select from orgchart_dutyassignment a where a.duty_id = old.duty_id
                           and a.area_id = old.area_id and upper(a.period) = lower(lost) and a.closed_by_id is not null)
            then
                perform orgchart_duty_dropped(old.duty_id, old.area_id, lost);
            end if;
        end loop;
        select gap into lost from orgchart_duty_gaps(old.duty_id, old.area_id) limit 1;
        if lost is not null then perform orgchart_duty_dropped(old.duty_id, old.area_id, lost); end if;
    end if;
    if tg_op <> 'DELETE' then
        select gap into lost from orgchart_duty_gaps(new.duty_id, new.area_id) limit 1;
        if lost is not null then perform orgchart_duty_dropped(new.duty_id, new.area_id, lost); end if;
    end if;
    return null;
end $$;
create constraint trigger orgchart_duty_borne after insert or update or delete on orgchart_dutyassignment
    deferrable initially deferred for each row execute function orgchart_check_duty_borne();

-- A unit bears a duty only while it stands, as a bureau does.
create constraint trigger orgchart_duty_unit_stands after insert or update on orgchart_dutyassignment
    deferrable initially deferred for each row execute function common_check_covered(
        'zones_unitversion', 'unit_id', 'unit_id', 'DUTY-BEARER', '承担职责的单位在此期间须存续');
create constraint trigger orgchart_unit_keeps_duties after update or delete on zones_unitversion
    deferrable initially deferred for each row execute function common_check_covers(
        'unit_id', 'orgchart_dutyassignment', 'unit_id', 'DUTY-BEARER', '该单位仍承担职责，须先移交');
-- reverse
drop trigger orgchart_unit_keeps_duties on zones_unitversion;
drop trigger orgchart_duty_unit_stands on orgchart_dutyassignment;
drop trigger orgchart_duty_borne on orgchart_dutyassignment;
drop function orgchart_check_duty_borne();
drop function orgchart_duty_dropped(bigint, bigint, daterange);
drop function orgchart_duty_gaps(bigint, bigint);
