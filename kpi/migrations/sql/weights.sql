-- A card's weights sum to 100, exactly, whenever it has lines.
create function kpi_check_weights() returns trigger language plpgsql as $$
declare
    card bigint;
    total numeric;
begin
    -- A line that moves from card to card leaves one that has to be judged too.
    for card in
        select distinct id from unnest(array[(to_jsonb(old) ->> 'scorecard_id')::bigint,
                                             (to_jsonb(new) ->> 'scorecard_id')::bigint]) as id
        where id is not null order by id
    loop
        -- Two transactions that fill one card at once judge it one after the other.
        perform from kpi_scorecard where id = card for no key update;
        select sum(weight) into total from kpi_line where scorecard_id = card;
        if total is not null and total <> 100 then
            raise exception using errcode = '23514', constraint = 'KPI-WEIGHTS',
                message = '评分卡各项权重之和须为 100',
                detail = format('评分卡 %s 合计 %s', card, trim_scale(total));
        end if;
    end loop;
    return null;
end $$;
create constraint trigger kpi_weights after insert or update of weight, scorecard_id or delete on kpi_line
    deferrable initially deferred for each row execute function kpi_check_weights();

-- A closed cycle takes no more scores, grades or cards.
-- Argument: the column that leads there, scorecard_id or cycle_id.
create function kpi_refuse_closed() returns trigger language plpgsql as $$
declare
    keys bigint[] := array[(to_jsonb(old) ->> tg_argv[0])::bigint, (to_jsonb(new) ->> tg_argv[0])::bigint];
    state_now text;
begin
    if tg_argv[0] = 'scorecard_id' then
        keys := array(select cycle_id from kpi_scorecard where id = any (keys));
    end if;
    -- The shared lock makes a score and the closing of its year wait for each other.
    for state_now in select state from kpi_cycle where id = any (keys) order by id for share loop
        if state_now = 'closed' then
            raise exception using errcode = '23514', constraint = 'KPI-CLOSED',
                message = '考核年度已关闭，不能再修改';
        end if;
    end loop;
    return case tg_op when 'DELETE' then old else new end;
end $$;
create trigger kpi_line_open before insert or update or delete on kpi_line
    for each row execute function kpi_refuse_closed('scorecard_id');
create trigger kpi_result_open before insert or update or delete on kpi_result
    for each row execute function kpi_refuse_closed('scorecard_id');
create trigger kpi_scorecard_open before insert or update or delete on kpi_scorecard
    for each row execute function kpi_refuse_closed('cycle_id');
-- reverse
drop trigger kpi_scorecard_open on kpi_scorecard;
drop trigger kpi_result_open on kpi_result;
drop trigger kpi_line_open on kpi_line;
drop function kpi_refuse_closed();
drop trigger kpi_weights on kpi_line;
drop function kpi_check_weights();
