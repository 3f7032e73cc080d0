-- What a run gives to one part, in yuan: the current part by its scheme's ratio, of the rest what the term releases (F05).
create function pay_part_of(run bigint, part text, term numeric) returns numeric language sql stable as $$
    select case part when 'current' then now else round((whole - now) * term, 2) end
    from (select r.pool - r.reserve - r.returned as whole,
                 round((r.pool - r.reserve - r.returned) * s.current_ratio, 2) as now
          from pay_run r join pay_scheme s on s.id = r.scheme_id where r.id = run) as parts
$$;

-- A payout pays out an approved run's part, to the fen; a correction's pays the difference with what it corrects.
create function pay_judge_payout(touched bigint) returns void language plpgsql as $$
declare
    given record;
    paid numeric;
    due numeric;
begin
    select p.*, r.state as run_state, r.corrects_id, r.unit_id, r.year, t.ratio, t.unit_id as term_unit,
           t.first_year, t.last_year
    into given
    from pay_payout p join pay_run r on r.id = p.run_id left join pay_termresult t on t.id = p.term_result_id
    where p.id = touched;
    if given.id is null then return; end if;
    if given.run_state <> 'approved' then
        raise exception using errcode = '23514', constraint = 'PAY-PAYOUT', message = '只有已审批的核算才能发放';
    end if;
    select coalesce(sum(amount), 0) into paid from pay_payoutline where payout_id = touched;
    if paid <> given.total then
        raise exception using errcode = '23514', constraint = 'PAY-PAYOUT', message = '发放明细合计与发放总额不符',
            detail = format('总额 %s，明细合计 %s', given.total, paid);
    end if;
    if given.part = 'held' then
        if exists (
            select from pay_payoutline l
            left join pay_payoutline w on w.id = l.settles_id and w.held
                and w.person_id = l.person_id and w.amount = l.amount
            left join pay_payout p on p.id = w.payout_id and p.state = 'released'
            left join pay_run r on r.id = p.run_id and r.unit_id = given.unit_id and r.year = given.year
            where l.payout_id = touched and r.id is null
        ) then
            raise exception using errcode = '23514', constraint = 'PAY-PAYOUT',
                message = '补发的须是本单位本年度已发放批次中暂缓的金额';
        end if;
        return;
    end if;
    if exists (select from pay_payoutline where payout_id = touched and settles_id is not null) then
        raise exception using errcode = '23514', constraint = 'PAY-PAYOUT', message = '暂缓的金额须另行补发';
    end if;
    if given.part = 'deferred'
            and (given.term_unit <> given.unit_id or given.year not between given.first_year and given.last_year) then
        raise exception using errcode = '23514', constraint = 'PAY-PAYOUT', message = '任期考核结果不是本单位本年度的';
    end if;
    due := pay_part_of(given.run_id, given.part, given.ratio)
        - coalesce(pay_part_of(given.corrects_id, given.part, given.ratio), 0);
    if given.total <> due then
        raise exception using errcode = '23514', constraint = 'PAY-PAYOUT', message = '发放总额与核算应发不符',
            detail = format('应发 %s，发放 %s', due, given.total);
    end if;
end $$;
create function pay_hold_payout() returns trigger language plpgsql as $$
begin
    perform pay_judge_payout(new.id);
    return null;
end $$;
create constraint trigger pay_payout_sums after insert or update on pay_payout
    deferrable initially deferred for each row execute function pay_hold_payout();

-- What was released stays as it was, line by line.
create function pay_keep_payout() returns trigger language plpgsql as $$
begin
    if old.state = 'released' then
        raise exception using errcode = '23514', constraint = 'PAY-PAID', message = '已发放的批次不能修改或删除';
    end if;
    return case tg_op when 'DELETE' then old else new end;
end $$;
create trigger pay_payout_kept before update or delete on pay_payout for each row execute function pay_keep_payout();
create function pay_keep_payout_lines() returns trigger language plpgsql as $$
declare
    touched bigint[] := case tg_op when 'INSERT' then array[new.payout_id] when 'DELETE' then array[old.payout_id]
                        else array[old.payout_id, new.payout_id] end;
begin
    if exists (select from pay_payout where id = any (touched) and state = 'released') then
        raise exception using errcode = '23514', constraint = 'PAY-PAID', message = '已发放的批次不能修改或删除';
    end if;
    return case tg_op when 'DELETE' then old else new end;
end $$;
create trigger pay_payout_line_kept before insert or update or delete on pay_payoutline
    for each row execute function pay_keep_payout_lines();

-- A term's result by which something was paid stays as it was; so does an account that was paid to.
create function pay_keep_term() returns trigger language plpgsql as $$
begin
    if exists (select from pay_payout where term_result_id = old.id) then
        raise exception using errcode = '23514', constraint = 'PAY-TERM',
            message = '已据以发放的任期考核结果不能修改或删除';
    end if;
    return case tg_op when 'DELETE' then old else new end;
end $$;
create trigger pay_term_kept before update or delete on pay_termresult for each row execute function pay_keep_term();
create function pay_keep_account() returns trigger language plpgsql as $$
begin
    if (new.person_id, new.bank, new.number, new.holder) is distinct from (old.person_id, old.bank, old.number, old.holder)
            and exists (select from pay_payoutline l join pay_payout p on p.id = l.payout_id
                        where l.account_id = old.id and p.state = 'released') then
        raise exception using errcode = '23514', constraint = 'PAY-ACCOUNT',
            message = '已向该账户发放过，不能修改；请自新的日期起登记新账户';
    end if;
    return new;
end $$;
create trigger pay_account_kept before update on pay_bankaccount for each row execute function pay_keep_account();
-- reverse
drop trigger pay_account_kept on pay_bankaccount;
drop function pay_keep_account();
drop trigger pay_term_kept on pay_termresult;
drop function pay_keep_term();
drop trigger pay_payout_line_kept on pay_payoutline;
drop function pay_keep_payout_lines();
drop trigger pay_payout_kept on pay_payout;
drop function pay_keep_payout();
drop trigger pay_payout_sums on pay_payout;
drop function pay_hold_payout();
drop function pay_judge_payout(bigint);
drop function pay_part_of(bigint, text, numeric);
