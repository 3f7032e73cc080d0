-- What sums to 100: a template's lines and a panel's groups, whenever there are any.
-- Arguments: column that leads to the whole, constraint, sentence.
create function kpi_check_hundred() returns trigger language plpgsql as $$
declare
    whole bigint;
    total numeric;
begin
    for whole in
        select distinct id from unnest(array[(to_jsonb(old) ->> tg_argv[0])::bigint,
                                             (to_jsonb(new) ->> tg_argv[0])::bigint]) as id
        where id is not null order by id
    loop
        -- Two transactions that fill one whole at once judge it one after the other.
        perform pg_advisory_xact_lock(hashtextextended(tg_table_name || whole, 0));
        execute format('select sum(weight) from %I where %I = $1', tg_table_name, tg_argv[0]) into total using whole;
        if total is not null and total <> 100 then
            raise exception using errcode = '23514', constraint = tg_argv[1], message = tg_argv[2],
                detail = format('合计 %s', trim_scale(total));
        end if;
    end loop;
    return null;
end $$;
create constraint trigger kpi_template_weights after insert or update of weight, template_id or delete
    on kpi_templateline deferrable initially deferred for each row
    execute function kpi_check_hundred('template_id', 'KPI-TEMPLATE-WEIGHTS', '模板各项权重之和须为 100');
create constraint trigger kpi_panel_weights after insert or update of weight, panel_id or delete
    on kpi_panelgroup deferrable initially deferred for each row
    execute function kpi_check_hundred('panel_id', 'KPI-PANEL-WEIGHTS', '评价主体的权重之和须为 100');

-- What one line promises, as a target change writes it down.
create function kpi_promised(line kpi_line) returns jsonb language sql immutable as $$
    select jsonb_build_object('indicator', line.indicator_id, 'weight', trim_scale(line.weight)::text,
        'previous', trim_scale(line.previous)::text, 'target', trim_scale(line.target)::text,
        'challenge', trim_scale(line.challenge)::text, 'not_applicable', line.not_applicable)
$$;

-- A signed card keeps what it promised; a line of it changes only as its latest target change says.
create function kpi_keep_promise() returns trigger language plpgsql as $$
declare
    frozen timestamptz;
    latest record;
begin
    select max(frozen_at) into frozen from kpi_scorecard
    where id in ((to_jsonb(old) ->> 'scorecard_id')::bigint, (to_jsonb(new) ->> 'scorecard_id')::bigint);
    if frozen is null then
        return case tg_op when 'DELETE' then old else new end;
    end if;
    if tg_op = 'UPDATE' and old.scorecard_id = new.scorecard_id then
        if kpi_promised(old) = kpi_promised(new) then return new; end if;
        select before, after into latest from kpi_targetchange where line_id = new.id order by id desc limit 1;
        if found and latest.before = kpi_promised(old) and latest.after = kpi_promised(new) then return new; end if;
    end if;
    raise exception using errcode = '23514', constraint = 'KPI-SIGNED',
        message = '责任书已签订，目标只能凭批文调整';
end $$;
create trigger kpi_line_promise before insert or update or delete on kpi_line
    for each row execute function kpi_keep_promise();

-- Both sides sign, two different people, and then it stays signed.
create function kpi_check_freeze() returns trigger language plpgsql as $$
begin
    if old.frozen_at is not null and new.frozen_at is distinct from old.frozen_at then
        raise exception using errcode = '23514', constraint = 'KPI-SIGNED', message = '责任书已签订，不能撤销';
    end if;
    if old.frozen_at is null and new.frozen_at is not null and
            (select count(distinct user_id) from kpi_signature where scorecard_id = new.id) < 2 then
        raise exception using errcode = '23514', constraint = 'KPI-SIGNED', message = '责任书须由双方不同的人签订';
    end if;
    return new;
end $$;
create trigger kpi_scorecard_freeze before update of frozen_at on kpi_scorecard
    for each row execute function kpi_check_freeze();
create trigger kpi_signature_kept before update or delete on kpi_signature
    for each row execute function common_refuse_change('KPI-SIGNED', '签字不能修改或删除');
create trigger kpi_targetchange_kept before update or delete on kpi_targetchange
    for each row execute function common_refuse_change('KPI-SIGNED', '目标调整记录不能修改或删除');

-- A line serves one of the level above it: a bureau's the unit's, a person's the bureau's or the unit's.
create function kpi_check_serves() returns trigger language plpgsql as $$
declare
    own record;
    above record;
begin
    select s.kind, s.unit_id, c.year into own
    from kpi_scorecard s join kpi_cycle c on c.id = s.cycle_id where s.id = new.scorecard_id;
    select s.kind, s.unit_id, c.year into above
    from kpi_line l join kpi_scorecard s on s.id = l.scorecard_id join kpi_cycle c on c.id = s.cycle_id
    where l.id = new.serves_id;
    if above.year <> own.year or above.unit_id <> own.unit_id
            or (own.kind, above.kind) not in (('bureau', 'unit'), ('person', 'bureau'), ('person', 'unit')) then
        raise exception using errcode = '23514', constraint = 'KPI-SERVES',
            message = '支撑指标须是同一单位、同一年度上一级评分卡的指标';
    end if;
    return null;
end $$;
create constraint trigger kpi_line_serves after insert or update of serves_id, scorecard_id on kpi_line
    deferrable initially deferred for each row when (new.serves_id is not null)
    execute function kpi_check_serves();

-- A published year takes no more scores, files or ratings; a closed one nothing at all.
-- Arguments: the column that leads there (cycle_id, scorecard_id, line_id, panel_line), the states that refuse.
create or replace function kpi_refuse_closed() returns trigger language plpgsql as $$
declare
    keys bigint[];
    way text := tg_argv[0];
    refused text[] := string_to_array(coalesce(tg_argv[1], 'closed'), ',');
    state_now text;
begin
    if way = 'panel_line' then
        keys := array(select l.scorecard_id from kpi_panelline p join kpi_line l on l.id = p.line_id
                      where p.id in ((to_jsonb(old) ->> 'line_id')::bigint, (to_jsonb(new) ->> 'line_id')::bigint));
        keys := array(select cycle_id from kpi_scorecard where id = any (keys));
    else
        keys := array[(to_jsonb(old) ->> way)::bigint, (to_jsonb(new) ->> way)::bigint];
        if way = 'line_id' then
            keys := array(select scorecard_id from kpi_line where id = any (keys));
        end if;
        if way in ('scorecard_id', 'line_id') then
            keys := array(select cycle_id from kpi_scorecard where id = any (keys));
        end if;
    end if;
    -- The shared lock makes a score and the closing of its year wait for each other.
    for state_now in select state from kpi_cycle where id = any (keys) order by id for share loop
        if state_now = any (refused) then
            raise exception using errcode = '23514', constraint = 'KPI-CLOSED',
                message = case state_now when 'closed' then '考核年度已关闭，不能再修改'
                                         else '考核结果已公布，不能再修改' end;
        end if;
    end loop;
    return case tg_op when 'DELETE' then old else new end;
end $$;
drop trigger kpi_line_open on kpi_line;
create trigger kpi_line_open before insert or update or delete on kpi_line
    for each row execute function kpi_refuse_closed('scorecard_id', 'published,closed');
create trigger kpi_adjustment_open before insert or update or delete on kpi_adjustment
    for each row execute function kpi_refuse_closed('scorecard_id', 'published,closed');
create trigger kpi_evidence_open before insert or update or delete on kpi_evidence
    for each row execute function kpi_refuse_closed('line_id', 'published,closed');
create trigger kpi_panelrating_open before insert or update or delete on kpi_panelrating
    for each row execute function kpi_refuse_closed('panel_line', 'published,closed');
create trigger kpi_signature_open before insert on kpi_signature
    for each row execute function kpi_refuse_closed('scorecard_id', 'published,closed');

-- A year goes forward only: open, published, closed.
create function kpi_check_cycle_state() returns trigger language plpgsql as $$
begin
    if array_position(array['open', 'published', 'closed'], new.state::text)
            < array_position(array['open', 'published', 'closed'], old.state::text) then
        raise exception using errcode = '23514', constraint = 'KPI-CLOSED', message = '考核年度不能退回';
    end if;
    return new;
end $$;
create trigger kpi_cycle_forward before update of state on kpi_cycle
    for each row execute function kpi_check_cycle_state();
-- reverse
drop trigger kpi_cycle_forward on kpi_cycle;
drop function kpi_check_cycle_state();
drop trigger kpi_signature_open on kpi_signature;
drop trigger kpi_panelrating_open on kpi_panelrating;
drop trigger kpi_evidence_open on kpi_evidence;
drop trigger kpi_adjustment_open on kpi_adjustment;
drop trigger kpi_line_open on kpi_line;
create trigger kpi_line_open before insert or update or delete on kpi_line
    for each row execute function kpi_refuse_closed('scorecard_id');
drop trigger kpi_line_serves on kpi_line;
drop function kpi_check_serves();
drop trigger kpi_targetchange_kept on kpi_targetchange;
drop trigger kpi_signature_kept on kpi_signature;
drop trigger kpi_scorecard_freeze on kpi_scorecard;
drop function kpi_check_freeze();
drop trigger kpi_line_promise on kpi_line;
drop function kpi_keep_promise();
drop function kpi_promised(kpi_line);
drop trigger kpi_panel_weights on kpi_panelgroup;
drop trigger kpi_template_weights on kpi_templateline;
drop function kpi_check_hundred();
