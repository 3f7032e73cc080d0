-- The rule of grades is the city's, made while its year is open.
create function kpi_check_grade_rule() returns trigger language plpgsql as $$
begin
    if (select u.kind from kpi_cycle c join zones_unit u on u.id = c.holder_id where c.id = new.cycle_id) <> 'city' then
        raise exception using errcode = '23514', constraint = 'KPI-GRADE-RULE',
            message = '等次规则只能设在市的考核年度';
    end if;
    return new;
end $$;
create trigger kpi_graderule_city before insert or update on kpi_graderule
    for each row execute function kpi_check_grade_rule();
create trigger kpi_graderule_open before insert or update or delete on kpi_graderule
    for each row execute function kpi_refuse_closed('cycle_id', 'published,closed');

-- What vetoes a unit: an approved veto (KPI-VETO), or an event on a line whose indicator has one.
create function kpi_unit_vetoed(card bigint) returns boolean language sql stable as $$
    select kpi_vetoed(card)
        or exists (select from kpi_line l join kpi_indicator i on i.id = l.indicator_id
                   where l.scorecard_id = card and l.actual > 0 and i.method = 'deduction'
                     and i.parameters -> 'veto' = 'true'::jsonb)
$$;

-- A unit with such an event is never in the first grade, whichever of the two comes later.
create function kpi_check_unit_veto() returns trigger language plpgsql as $$
begin
    -- Whoever grades and whoever records the event wait for each other.
    perform from kpi_scorecard where id = new.scorecard_id and kind = 'unit' for no key update;
    if found and exists (select from kpi_result where scorecard_id = new.scorecard_id and rating = 'first')
            and kpi_unit_vetoed(new.scorecard_id) then
        raise exception using errcode = '23514', constraint = 'KPI-UNIT-VETO',
            message = '有一票否决事项的单位不能评为第一等次';
    end if;
    return null;
end $$;
create constraint trigger kpi_result_veto after insert or update of rating on kpi_result
    deferrable initially deferred for each row when (new.rating = 'first') execute function kpi_check_unit_veto();
create constraint trigger kpi_line_veto after update of actual on kpi_line
    deferrable initially deferred for each row when (new.actual > 0) execute function kpi_check_unit_veto();
-- reverse
drop trigger kpi_line_veto on kpi_line;
drop trigger kpi_result_veto on kpi_result;
drop function kpi_check_unit_veto();
drop function kpi_unit_vetoed(bigint);
drop trigger kpi_graderule_open on kpi_graderule;
drop trigger kpi_graderule_city on kpi_graderule;
drop function kpi_check_grade_rule();
