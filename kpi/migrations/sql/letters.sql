-- What people signed for, and were scored by, keeps its meaning: a used indicator is scored as it was.
create function kpi_keep_method() returns trigger language plpgsql as $$
begin
    if (old.method, old.parameters, old.direction, old.measure, old.metric_id, old.reading, old.per)
            is distinct from (new.method, new.parameters, new.direction, new.measure, new.metric_id, new.reading, new.per)
            and exists (select from kpi_line l join kpi_scorecard s on s.id = l.scorecard_id
                        join kpi_cycle c on c.id = s.cycle_id
                        where l.indicator_id = new.id and (s.frozen_at is not null or c.state <> 'open')) then
        raise exception using errcode = '23514', constraint = 'KPI-INDICATOR',
            message = '该指标已用于签订的责任书或已结束的年度，计分办法不能再改；请另设代码增加新指标';
    end if;
    return new;
end $$;
create trigger kpi_indicator_kept before update on kpi_indicator
    for each row execute function kpi_keep_method();

-- A city's templates are of zones, parks and towns, a zone's of bureaus and people.
create function kpi_check_template_holder() returns trigger language plpgsql as $$
begin
    if ((select kind from zones_unit where id = new.holder_id) = 'city') <> (new.subject in ('zone', 'park', 'town')) then
        raise exception using errcode = '23514', constraint = 'KPI-TEMPLATE-HOLDER',
            message = '市的模板用于开发区、园区和镇，开发区的模板用于部门和个人';
    end if;
    return new;
end $$;
create trigger kpi_template_holder before insert or update of holder_id, subject on kpi_template
    for each row execute function kpi_check_template_holder();

-- From the first signature on a card keeps what it promised: whoever signs second signs the same.
-- A line of it changes only as its latest target change says.
create or replace function kpi_keep_promise() returns trigger language plpgsql as $$
declare
    cards bigint[] := array[(to_jsonb(old) ->> 'scorecard_id')::bigint, (to_jsonb(new) ->> 'scorecard_id')::bigint];
    latest record;
begin
    if tg_op = 'UPDATE' and old.scorecard_id = new.scorecard_id and kpi_promised(old) = kpi_promised(new) then
        return new;
    end if;
    if not exists (select from kpi_scorecard where id = any (cards) and frozen_at is not null)
            and not exists (select from kpi_signature where scorecard_id = any (cards)) then
        return case tg_op when 'DELETE' then old else new end;
    end if;
    if tg_op = 'UPDATE' and old.scorecard_id = new.scorecard_id then
        select before, after into latest from kpi_targetchange where line_id = new.id order by id desc limit 1;
        if found and latest.before = kpi_promised(old) and latest.after = kpi_promised(new) then return new; end if;
    end if;
    raise exception using errcode = '23514', constraint = 'KPI-SIGNED',
        message = '责任书已签字，目标只能凭批文调整';
end $$;

-- As before; and while a card is being frozen nobody changes how its indicators are scored.
create or replace function kpi_check_freeze() returns trigger language plpgsql as $$
begin
    if old.frozen_at is not null and new.frozen_at is distinct from old.frozen_at then
        raise exception using errcode = '23514', constraint = 'KPI-SIGNED', message = '责任书已签订，不能撤销';
    end if;
    if old.frozen_at is null and new.frozen_at is not null then
        if (select count(distinct user_id) from kpi_signature where scorecard_id = new.id) < 2 then
            raise exception using errcode = '23514', constraint = 'KPI-SIGNED', message = '责任书须由双方不同的人签订';
        end if;
        perform from kpi_indicator where id in (select indicator_id from kpi_line where scorecard_id = new.id)
            order by id for share;
    end if;
    return new;
end $$;

-- A target is changed while its year is open.
create trigger kpi_targetchange_open before insert on kpi_targetchange
    for each row execute function kpi_refuse_closed('line_id', 'published,closed');
-- reverse
drop trigger kpi_targetchange_open on kpi_targetchange;
create or replace function kpi_check_freeze() returns trigger language plpgsql as $$
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
create or replace function kpi_keep_promise() returns trigger language plpgsql as $$
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
drop trigger kpi_template_holder on kpi_template;
drop function kpi_check_template_holder();
drop trigger kpi_indicator_kept on kpi_indicator;
drop function kpi_keep_method();
