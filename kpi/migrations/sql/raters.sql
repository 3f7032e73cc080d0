-- Whose own case a panel's line is: his card, that of the bureau he heads, that of the unit he leads.
-- The rule stands here once: triggers, lists and counts ask this function.
create function kpi_own_cases(day date) returns table (rater_id bigint, line_id bigint) language sql stable as $$
    select r.id, pl.id
    from kpi_rater r
    join kpi_panelgroup g on g.id = r.group_id
    join kpi_panelline pl on pl.panel_id = g.panel_id
    join kpi_line l on l.id = pl.line_id
    join kpi_scorecard s on s.id = l.scorecard_id
    join staffing_person p on p.user_id = r.user_id
    where s.person_id = p.id or s.kind <> 'person' and exists (
        select from staffing_appointment a
        join staffing_postversion v on v.post_id = a.post_id and v.period @> day
        join orgchart_tier t on t.id = v.tier_id
        where a.person_id = p.id and a.period @> day
            and case s.kind when 'bureau' then v.is_head and v.bureau_id = s.bureau_id
                            else t.kind = 'leader' and v.unit_id = s.unit_id end)
$$;

-- The panel, locked against whoever gives the first rating or closes it; raises when it is closed.
create function kpi_hold_panel(panel bigint, begun boolean) returns void language plpgsql as $$
declare
    ended timestamptz;
begin
    select closed_at into ended from kpi_panel where id = panel for no key update;
    if ended is not null then
        raise exception using errcode = '23514', constraint = 'KPI-PANEL-CLOSED', message = '测评已结束，不能再修改';
    end if;
    if begun and exists (select from kpi_panelrating r join kpi_panelline l on l.id = r.line_id
                         where l.panel_id = panel) then
        raise exception using errcode = '23514', constraint = 'KPI-PANEL-BEGUN',
            message = '已有人评分，评价主体、权重、计分办法和测评指标不能再改';
    end if;
end $$;

-- A rating comes from a rater of the panel, in time, and is about nobody's own case.
create function kpi_check_rating() returns trigger language plpgsql as $$
declare
    held record;
begin
    -- Shared: many rate at once, and wait only for a change or the closing of the panel.
    select p.id, p.closed_at, p.closes_on into held
    from kpi_panelline l join kpi_panel p on p.id = l.panel_id
    where l.id = case tg_op when 'DELETE' then old.line_id else new.line_id end for share of p;
    if held.closed_at is not null or held.closes_on < common_today() then
        raise exception using errcode = '23514', constraint = 'KPI-PANEL-CLOSED',
            message = '测评已截止，不能再评分';
    end if;
    if tg_op = 'DELETE' then return old; end if;
    if tg_op = 'UPDATE' and (new.line_id, new.rater_id) is distinct from (old.line_id, old.rater_id)
            or not exists (select from kpi_rater r join kpi_panelgroup g on g.id = r.group_id
                           where r.id = new.rater_id and g.panel_id = held.id) then
        raise exception using errcode = '23514', constraint = 'KPI-RATER', message = '评价人不在该测评组';
    end if;
    if exists (select from kpi_own_cases(common_today()) o
               where o.rater_id = new.rater_id and o.line_id = new.line_id) then
        raise exception using errcode = '23514', constraint = 'KPI-RATER-OWN',
            message = '不能为自己、自己负责的部门或自己任领导的单位评分';
    end if;
    return new;
end $$;
create trigger kpi_panelrating_allowed before insert or update or delete on kpi_panelrating
    for each row execute function kpi_check_rating();

-- Once somebody has rated, what he was asked stays: groups and weights.
create function kpi_keep_group() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and (new.panel_id, new.weight, new.name) is not distinct from
            (old.panel_id, old.weight, old.name) then
        return new;
    end if;
    perform kpi_hold_panel((case tg_op when 'DELETE' then old.panel_id else new.panel_id end), true);
    if tg_op = 'UPDATE' and new.panel_id <> old.panel_id then
        perform kpi_hold_panel(old.panel_id, true);
    end if;
    return case tg_op when 'DELETE' then old else new end;
end $$;
create trigger kpi_panelgroup_kept before insert or update or delete on kpi_panelgroup
    for each row execute function kpi_keep_group();

-- Raters join until the end, each in one group of a panel; who has rated stays.
create function kpi_check_rater() returns trigger language plpgsql as $$
declare
    at_panel bigint;
begin
    if tg_op = 'UPDATE' then
        if (new.group_id, new.user_id) is not distinct from (old.group_id, old.user_id) then return new; end if;
        raise exception using errcode = '23514', constraint = 'KPI-RATER', message = '评价人不能换组，请移出后重新加入';
    end if;
    select panel_id into at_panel from kpi_panelgroup
    where id = case tg_op when 'DELETE' then old.group_id else new.group_id end;
    perform kpi_hold_panel(at_panel, false);
    if tg_op = 'DELETE' then return old; end if;
    if exists (select from kpi_rater r join kpi_panelgroup g on g.id = r.group_id
               where g.panel_id = at_panel and r.user_id = new.user_id) then
        raise exception using errcode = '23514', constraint = 'KPI-RATER-ONCE',
            message = '此人已在这个测评组的某一评价主体中';
    end if;
    return new;
end $$;
create trigger kpi_rater_kept before insert or update or delete on kpi_rater
    for each row execute function kpi_check_rater();

-- A panel rates lines of its own year, by the method of rating, that have no value yet.
create function kpi_check_panel_line() returns trigger language plpgsql as $$
declare
    fits boolean;
    filled boolean;
begin
    if tg_op in ('UPDATE', 'DELETE') then perform kpi_hold_panel(old.panel_id, true); end if;
    if tg_op = 'DELETE' then return old; end if;
    perform kpi_hold_panel(new.panel_id, true);
    select s.cycle_id = p.cycle_id and i.method = 'rating', l.actual is not null into fits, filled
    from kpi_line l join kpi_scorecard s on s.id = l.scorecard_id join kpi_indicator i on i.id = l.indicator_id
    join kpi_panel p on p.id = new.panel_id where l.id = new.line_id;
    if not coalesce(fits, false) then
        raise exception using errcode = '23514', constraint = 'KPI-PANEL-LINE',
            message = '测评组只能评本年度按测评计分的指标';
    end if;
    if filled then
        raise exception using errcode = '23514', constraint = 'KPI-PANEL-LINE', message = '该指标已有完成值，不能再交测评组';
    end if;
    return new;
end $$;
create trigger kpi_panelline_kept before insert or update or delete on kpi_panelline
    for each row execute function kpi_check_panel_line();

-- While a panel is rating a line nobody fills it in by hand, and its score, once counted, is nobody's to change.
-- A line that too few rated is filled in by hand (entered_by), and may be corrected so.
create function kpi_leave_to_panel() returns trigger language plpgsql as $$
begin
    if new.actual is distinct from old.actual and exists (
            select from kpi_panelline l join kpi_panel p on p.id = l.panel_id
            where l.line_id = new.id
                and (p.closed_at is null or old.actual is not null and old.entered_by_id is null)) then
        raise exception using errcode = '23514', constraint = 'KPI-PANEL-LINE',
            message = '本项由测评组评定，测评结束后自动计入，不能手工填写';
    end if;
    return new;
end $$;
create trigger kpi_line_left_to_panel before update of actual on kpi_line
    for each row execute function kpi_leave_to_panel();

-- A closed panel stays as it is; one that has begun keeps how it counts, and promises its raters no less.
create function kpi_keep_panel() returns trigger language plpgsql as $$
begin
    if old.closed_at is not null then
        raise exception using errcode = '23514', constraint = 'KPI-PANEL-CLOSED', message = '测评已结束，不能再修改';
    end if;
    if tg_op = 'DELETE' then return old; end if;
    if ((new.cycle_id, new.trim) is distinct from (old.cycle_id, old.trim) or new.shown_from < old.shown_from) then
        perform kpi_hold_panel(old.id, true);
    end if;
    return new;
end $$;
create trigger kpi_panel_kept before update or delete on kpi_panel
    for each row execute function kpi_keep_panel();
create trigger kpi_panel_open before insert or update or delete on kpi_panel
    for each row execute function kpi_refuse_closed('cycle_id', 'published,closed');
create trigger kpi_reminder_kept before update on kpi_reminder
    for each row execute function common_refuse_change('KPI-REMINDER', '提醒记录不能修改');
-- reverse
drop trigger kpi_reminder_kept on kpi_reminder;
drop trigger kpi_panel_open on kpi_panel;
drop trigger kpi_panel_kept on kpi_panel;
drop function kpi_keep_panel();
drop trigger kpi_line_left_to_panel on kpi_line;
drop function kpi_leave_to_panel();
drop trigger kpi_panelline_kept on kpi_panelline;
drop function kpi_check_panel_line();
drop trigger kpi_rater_kept on kpi_rater;
drop function kpi_check_rater();
drop trigger kpi_panelgroup_kept on kpi_panelgroup;
drop function kpi_keep_group();
drop trigger kpi_panelrating_allowed on kpi_panelrating;
drop function kpi_check_rating();
drop function kpi_hold_panel(bigint, boolean);
drop function kpi_own_cases(date);
