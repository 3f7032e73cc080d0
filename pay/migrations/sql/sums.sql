-- People sum to bureaus, bureaus to the pool, exactly (design 7): judged at COMMIT for every run touched.
create function pay_judge_sums(touched bigint) returns void language plpgsql as $$
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

-- Judged once a run and transaction: every change to a share or an allocation
-- touches its run's row in pay_pendingsum, whose one insert is what is judged.
create table pay_pendingsum (run_id bigint primary key);
create function pay_note_sum() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        insert into pay_pendingsum select distinct run_id from added on conflict do nothing;
    elsif tg_op = 'DELETE' then
        insert into pay_pendingsum select distinct run_id from removed on conflict do nothing;
    else
        insert into pay_pendingsum select run_id from added union select run_id from removed on conflict do nothing;
    end if;
    return null;
end $$;
create function pay_hold_sum() returns trigger language plpgsql as $$
begin
    -- Taken off first, so that a later change in this transaction is judged again.
    delete from pay_pendingsum where run_id = new.run_id;
    perform pay_judge_sums(new.run_id);
    return null;
end $$;
create function pay_hold_run() returns trigger language plpgsql as $$
begin
    perform pay_judge_sums(new.id);
    return null;
end $$;
create trigger pay_note_share_added after insert on pay_bureaushare referencing new table as added
    for each statement execute function pay_note_sum();
create trigger pay_note_share_changed after update on pay_bureaushare referencing new table as added old table as removed
    for each statement execute function pay_note_sum();
create trigger pay_note_share_removed after delete on pay_bureaushare referencing old table as removed
    for each statement execute function pay_note_sum();
create trigger pay_note_allocation_added after insert on pay_allocation referencing new table as added
    for each statement execute function pay_note_sum();
create trigger pay_note_allocation_changed after update on pay_allocation referencing new table as added old table as removed
    for each statement execute function pay_note_sum();
create trigger pay_note_allocation_removed after delete on pay_allocation referencing old table as removed
    for each statement execute function pay_note_sum();
create constraint trigger pay_hold_sum after insert on pay_pendingsum
    deferrable initially deferred for each row execute function pay_hold_sum();
create constraint trigger pay_sums after insert or update of pool, state on pay_run
    deferrable initially deferred for each row execute function pay_hold_run();

-- A person's row lies in the run of its share.
create function pay_check_share() returns trigger language plpgsql as $$
begin
    if (select run_id from pay_bureaushare where id = new.share_id) <> new.run_id then
        raise exception using errcode = '23514', constraint = 'PAY-SHARE', message = '个人分配与部门额度不属于同一次核算';
    end if;
    return new;
end $$;
create trigger pay_share_of_run before insert or update on pay_allocation
    for each row execute function pay_check_share();

-- What was computed stays as it was: only its standing may still change, and when it was last confirmed.
create function pay_keep_run() returns trigger language plpgsql as $$
begin
    if old.state in ('computed', 'superseded') and (
            tg_op = 'DELETE'
            or new.state not in ('computed', 'superseded')
            or (to_jsonb(new) - '{state,confirmed_at}'::text[]) <> (to_jsonb(old) - '{state,confirmed_at}'::text[])) then
        raise exception using errcode = '23514', constraint = 'PAY-KEPT', message = '已核算的结果不能修改或删除';
    end if;
    return case tg_op when 'DELETE' then old else new end;
end $$;
create trigger pay_run_kept before update or delete on pay_run for each row execute function pay_keep_run();
-- Nor may a share or a person be added to it, changed or taken away.
create function pay_keep_rows() returns trigger language plpgsql as $$
declare
    touched bigint[] := case tg_op when 'INSERT' then array[new.run_id] when 'DELETE' then array[old.run_id]
                        else array[old.run_id, new.run_id] end;
begin
    if exists (select from pay_run where id = any (touched) and state in ('computed', 'superseded')) then
        raise exception using errcode = '23514', constraint = 'PAY-KEPT', message = '已核算的结果不能修改或删除';
    end if;
    return case tg_op when 'DELETE' then old else new end;
end $$;
create trigger pay_share_kept before insert or update or delete on pay_bureaushare
    for each row execute function pay_keep_rows();
create trigger pay_allocation_kept before insert or update or delete on pay_allocation
    for each row execute function pay_keep_rows();
-- reverse
drop trigger pay_allocation_kept on pay_allocation;
drop trigger pay_share_kept on pay_bureaushare;
drop function pay_keep_rows();
drop trigger pay_run_kept on pay_run;
drop function pay_keep_run();
drop trigger pay_share_of_run on pay_allocation;
drop function pay_check_share();
drop trigger pay_sums on pay_run;
drop trigger pay_hold_sum on pay_pendingsum;
drop trigger pay_note_allocation_removed on pay_allocation;
drop trigger pay_note_allocation_changed on pay_allocation;
drop trigger pay_note_allocation_added on pay_allocation;
drop trigger pay_note_share_removed on pay_bureaushare;
drop trigger pay_note_share_changed on pay_bureaushare;
drop trigger pay_note_share_added on pay_bureaushare;
drop function pay_hold_sum();
drop function pay_note_sum();
drop table pay_pendingsum;
drop function pay_hold_run();
drop function pay_judge_sums(bigint);
