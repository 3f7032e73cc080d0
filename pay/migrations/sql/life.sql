-- What people get together is the pool without what is kept back and what nobody could take; a correction's
-- differences sum to the difference with what it corrects: judged at COMMIT (design 7).
create or replace function pay_judge_sums(touched bigint) returns void language plpgsql as $$
declare
    stands record;
    before numeric;
    shared record;
    paid record;
    uneven record;
begin
    select pool - reserve - returned as whole, pool, state, corrects_id, difference into stands
    from pay_run where id = touched;
    if stands.state is null or stands.state not in ('computed', 'checked', 'approved', 'superseded') then return; end if;
    select coalesce(sum(amount), 0) as amount, coalesce(sum(difference), 0) as difference into shared
    from pay_bureaushare where run_id = touched;
    select coalesce(sum(amount), 0) as amount, coalesce(sum(difference), 0) as difference into paid
    from pay_allocation where run_id = touched;
    if shared.amount <> stands.whole or paid.amount <> stands.whole then
        raise exception using errcode = '23514', constraint = 'PAY-SUM', message = '分配合计与绩效总额不符',
            detail = format('可分配 %s，部门合计 %s，个人合计 %s', stands.whole, shared.amount, paid.amount);
    end if;
    select s.id, s.amount, s.difference, coalesce(sum(a.amount), 0) as people, sum(a.difference) as people_difference
    into uneven
    from pay_bureaushare s left join pay_allocation a on a.share_id = s.id
    where s.run_id = touched group by s.id
    having s.amount <> coalesce(sum(a.amount), 0) or s.difference <> coalesce(sum(a.difference), 0) limit 1;
    if uneven.id is not null then
        raise exception using errcode = '23514', constraint = 'PAY-SUM', message = '部门额度与个人合计不符',
            detail = format('部门额度 %s，个人合计 %s', uneven.amount, uneven.people);
    end if;
    if stands.corrects_id is not null then
        select pool - reserve - returned into before from pay_run where id = stands.corrects_id;
        if stands.difference <> stands.whole - before or shared.difference <> stands.difference
                or paid.difference <> stands.difference then
            raise exception using errcode = '23514', constraint = 'PAY-SUM', message = '差额合计与更正前后的差不符',
                detail = format('原分配 %s，现分配 %s，差额合计 %s', before, stands.whole, paid.difference);
        end if;
    end if;
end $$;

-- What was computed stays as it was. It may be checked, sent back, approved or superseded; an approved run
-- changes no more at all, but for the day on which computing again last gave the same.
create or replace function pay_keep_run() returns trigger language plpgsql as $$
declare
    free text[] := array['confirmed_at'];
    step text := old.state || '>' || case tg_op when 'DELETE' then 'deleted' else new.state end;
begin
    if old.state not in ('computed', 'checked', 'approved', 'superseded') then
        return case tg_op when 'DELETE' then old else new end;
    end if;
    if step in ('computed>checked', 'checked>computed') then
        free := free || array['state', 'checked_by_id', 'checked_at'];
    elsif step = 'checked>approved' then
        free := free || array['state', 'approved_by_id', 'approved_at', 'instrument_id'];
    elsif step in ('computed>superseded', 'superseded>computed') then
        free := free || array['state'];
    elsif step = 'checked>superseded' then
        free := free || array['state', 'checked_by_id', 'checked_at'];
    elsif step not in ('computed>computed', 'checked>checked', 'approved>approved', 'superseded>superseded') then
        raise exception using errcode = '23514', constraint = 'PAY-KEPT',
            message = case old.state when 'approved' then '已审批的核算不能修改或删除，请另作更正'
                                     else '已核算的结果不能修改或删除' end;
    end if;
    if (to_jsonb(new) - free) <> (to_jsonb(old) - free) then
        raise exception using errcode = '23514', constraint = 'PAY-KEPT',
            message = case old.state when 'approved' then '已审批的核算不能修改或删除，请另作更正'
                                     else '已核算的结果不能修改或删除' end;
    end if;
    return new;
end $$;
create or replace function pay_keep_rows() returns trigger language plpgsql as $$
declare
    touched bigint[] := case tg_op when 'INSERT' then array[new.run_id] when 'DELETE' then array[old.run_id]
                        else array[old.run_id, new.run_id] end;
begin
    if exists (select from pay_run where id = any (touched)
               and state in ('computed', 'checked', 'approved', 'superseded')) then
        raise exception using errcode = '23514', constraint = 'PAY-KEPT', message = '已核算的结果不能修改或删除';
    end if;
    return case tg_op when 'DELETE' then old else new end;
end $$;

-- A correction corrects what was approved, of the same unit and year.
create function pay_check_correction() returns trigger language plpgsql as $$
declare
    before record;
begin
    select unit_id, year, state into before from pay_run where id = new.corrects_id;
    if before.state <> 'approved' or before.unit_id <> new.unit_id or before.year <> new.year then
        raise exception using errcode = '23514', constraint = 'PAY-CORRECTS',
            message = '只能更正同一单位、同一年度已审批的核算';
    end if;
    if new.state = 'approved' and exists (
            select from pay_run where corrects_id = new.corrects_id and state = 'approved' and id <> new.id) then
        raise exception using errcode = '23514', constraint = 'PAY-CORRECTS',
            message = '该核算已被更正，请更正最新一次';
    end if;
    return new;
end $$;
create trigger pay_run_corrects before insert or update of corrects_id, state on pay_run
    for each row when (new.corrects_id is not null) execute function pay_check_correction();
-- reverse
drop trigger pay_run_corrects on pay_run;
drop function pay_check_correction();
create or replace function pay_judge_sums(touched bigint) returns void language plpgsql as $$
declare
    stands record;
    shared numeric;
    paid numeric;
    uneven record;
begin
    select pool, state into stands from pay_run where id = touched;
    if stands.state is null or stands.state not in ('computed', 'superseded') then return; end if;
    select coalesce(sum(amount), 0) into shared from pay_bureaushare where run_id = touched;
    select coalesce(sum(amount), 0) into paid from pay_allocation where run_id = touched;
    if shared <> stands.pool or paid <> stands.pool then
        raise exception using errcode = '23514', constraint = 'PAY-SUM', message = '分配合计与绩效总额不符',
            detail = format('总额 %s，部门合计 %s，个人合计 %s', stands.pool, shared, paid);
    end if;
    select s.id, s.amount, coalesce(sum(a.amount), 0) as people into uneven
    from pay_bureaushare s left join pay_allocation a on a.share_id = s.id
    where s.run_id = touched group by s.id having s.amount <> coalesce(sum(a.amount), 0) limit 1;
    if uneven.id is not null then
        raise exception using errcode = '23514', constraint = 'PAY-SUM', message = '部门额度与个人合计不符',
            detail = format('部门额度 %s，个人合计 %s', uneven.amount, uneven.people);
    end if;
end $$;
create or replace function pay_keep_run() returns trigger language plpgsql as $$
begin
    if old.state in ('computed', 'superseded') and (
            tg_op = 'DELETE'
            or new.state not in ('computed', 'superseded')
            or (to_jsonb(new) - '{state,confirmed_at}'::text[]) <> (to_jsonb(old) - '{state,confirmed_at}'::text[])) then
        raise exception using errcode = '23514', constraint = 'PAY-KEPT', message = '已核算的结果不能修改或删除';
    end if;
    return case tg_op when 'DELETE' then old else new end;
end $$;
create or replace function pay_keep_rows() returns trigger language plpgsql as $$
declare
    touched bigint[] := case tg_op when 'INSERT' then array[new.run_id] when 'DELETE' then array[old.run_id]
                        else array[old.run_id, new.run_id] end;
begin
    if exists (select from pay_run where id = any (touched) and state in ('computed', 'superseded')) then
        raise exception using errcode = '23514', constraint = 'PAY-KEPT', message = '已核算的结果不能修改或删除';
    end if;
    return case tg_op when 'DELETE' then old else new end;
end $$;
