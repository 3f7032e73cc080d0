-- The holds of a run's rows, judged once a statement instead of row by row: the same guarantees, for a province too.
drop trigger pay_share_of_run on pay_allocation;
drop function pay_check_share();
drop trigger pay_share_kept on pay_bureaushare;
drop trigger pay_allocation_kept on pay_allocation;

-- What was computed stays as it was: no share and no person is added to it, changed or taken away.
create or replace function pay_keep_rows() returns trigger language plpgsql as $$
declare
    touched bigint[];
begin
    if tg_op = 'INSERT' then
        select array_agg(distinct run_id) into touched from added;
    elsif tg_op = 'DELETE' then
        select array_agg(distinct run_id) into touched from removed;
    else
        select array_agg(run_id) into touched from (select run_id from added union select run_id from removed) both_ways;
    end if;
    -- Held until COMMIT: whoever would compute the run meanwhile waits.
    perform from pay_run where id = any (touched) order by id for share;
    if exists (select from pay_run where id = any (touched)
               and state in ('computed', 'checked', 'approved', 'superseded')) then
        raise exception using errcode = '23514', constraint = 'PAY-KEPT', message = '已核算的结果不能修改或删除';
    end if;
    return null;
end $$;
create trigger pay_share_kept_added after insert on pay_bureaushare referencing new table as added
    for each statement execute function pay_keep_rows();
create trigger pay_share_kept_changed after update on pay_bureaushare
    referencing new table as added old table as removed for each statement execute function pay_keep_rows();
create trigger pay_share_kept_removed after delete on pay_bureaushare referencing old table as removed
    for each statement execute function pay_keep_rows();
create trigger pay_allocation_kept_added after insert on pay_allocation referencing new table as added
    for each statement execute function pay_keep_rows();
create trigger pay_allocation_kept_changed after update on pay_allocation
    referencing new table as added old table as removed for each statement execute function pay_keep_rows();
create trigger pay_allocation_kept_removed after delete on pay_allocation referencing old table as removed
    for each statement execute function pay_keep_rows();

-- A person's row has a share, lies in its run, and has a person: the foreign keys of pay_allocation, a statement at a
-- time. Shares are locked as a foreign key would lock them. People are hundreds of thousands and hardly ever deleted:
-- who deletes one takes the lock below for himself, and waits for every batch under way.
create function pay_check_allocations() returns trigger language plpgsql set enable_nestloop = on as $$
declare
    lost record;
begin
    perform from pay_bureaushare where id in (select distinct share_id from added) order by id for key share;
    perform pg_advisory_xact_lock_shared(hashtext('pay_allocation.person'));
    select a.share_id, s.id as share, s.run_id <> a.run_id as elsewhere into lost
    from added a left join pay_bureaushare s on s.id = a.share_id where s.id is null or s.run_id <> a.run_id limit 1;
    if lost.elsewhere then
        raise exception using errcode = '23514', constraint = 'PAY-SHARE', message = '个人分配与部门额度不属于同一次核算';
    elsif lost.share_id is not null then
        raise exception using errcode = '23503', constraint = 'pay_allocation_share', message = '部门额度不存在';
    end if;
    if exists (select from added a left join staffing_person p on p.id = a.person_id where p.id is null) then
        raise exception using errcode = '23503', constraint = 'pay_allocation_person', message = '人员不存在';
    end if;
    return null;
end $$;
create trigger pay_allocation_whole_added after insert on pay_allocation referencing new table as added
    for each statement execute function pay_check_allocations();
create trigger pay_allocation_whole_changed after update on pay_allocation referencing new table as added
    for each statement execute function pay_check_allocations();

-- And from the other side: nothing that an allocation points to goes, or gets another number.
create function pay_alone_with_people() returns trigger language plpgsql as $$
begin
    perform pg_advisory_xact_lock(hashtext('pay_allocation.person'));
    return null;
end $$;
create function pay_check_parents() returns trigger language plpgsql as $$
declare
    used boolean;
begin
    -- Dynamic, since one name stands for two columns: 'person_id' or 'share_id'.
    execute format('select exists (select from pay_allocation where %I in (select id from removed))', tg_argv[0]) into used;
    if used then
        raise exception using errcode = '23503', constraint = tg_argv[1], message = tg_argv[2];
    end if;
    return null;
end $$;
create function pay_check_parents_emptied() returns trigger language plpgsql as $$
begin
    if exists (select from pay_allocation) then
        raise exception using errcode = '23503', constraint = tg_argv[1], message = tg_argv[2];
    end if;
    return null;
end $$;
create function pay_refuse_number() returns trigger language plpgsql as $$
begin
    raise exception using errcode = '23503', constraint = tg_argv[1], message = tg_argv[2];
end $$;
create trigger pay_allocation_person_lock before delete on staffing_person
    for each statement execute function pay_alone_with_people();
create trigger pay_allocation_person after delete on staffing_person referencing old table as removed
    for each statement execute function pay_check_parents('person_id', 'pay_allocation_person', '此人有绩效分配，不能删除');
create trigger pay_allocation_person_emptied after truncate on staffing_person
    for each statement execute function pay_check_parents_emptied('', 'pay_allocation_person', '此人有绩效分配，不能删除');
create trigger pay_allocation_person_number before update of id on staffing_person
    for each row when (old.id <> new.id)
    execute function pay_refuse_number('', 'pay_allocation_person', '编号不能修改');
create trigger pay_allocation_share after delete on pay_bureaushare referencing old table as removed
    for each statement execute function pay_check_parents('share_id', 'pay_allocation_share', '部门额度下有个人分配，不能删除');
create trigger pay_allocation_share_emptied after truncate on pay_bureaushare
    for each statement execute function pay_check_parents_emptied('', 'pay_allocation_share', '部门额度下有个人分配，不能删除');
create trigger pay_allocation_share_number before update of id, run_id on pay_bureaushare
    for each row when (old.id <> new.id or old.run_id <> new.run_id)
    execute function pay_refuse_number('', 'pay_allocation_share', '编号不能修改');

-- Sums, of all runs of a transaction at once.
create function pay_judge_runs(touched bigint[]) returns void language plpgsql as $$
declare
    broken record;
begin
    select r.whole, coalesce(s.amount, 0) as shared, coalesce(a.amount, 0) as paid into broken
    from (select id, pool - reserve - returned as whole from pay_run
          where id = any (touched) and state in ('computed', 'checked', 'approved', 'superseded')) r
    left join (select run_id, sum(amount) as amount from pay_bureaushare
               where run_id = any (touched) group by run_id) s on s.run_id = r.id
    left join (select run_id, sum(amount) as amount from pay_allocation
               where run_id = any (touched) group by run_id) a on a.run_id = r.id
    where coalesce(s.amount, 0) <> r.whole or coalesce(a.amount, 0) <> r.whole limit 1;
    if broken.whole is not null then
        raise exception using errcode = '23514', constraint = 'PAY-SUM', message = '分配合计与绩效总额不符',
            detail = format('可分配 %s，部门合计 %s，个人合计 %s', broken.whole, broken.shared, broken.paid);
    end if;
    select s.amount, coalesce(a.amount, 0) as people into broken
    from pay_bureaushare s
    join pay_run r on r.id = s.run_id and r.state in ('computed', 'checked', 'approved', 'superseded')
    left join (select share_id, sum(amount) as amount, sum(difference) as difference from pay_allocation
               where run_id = any (touched) group by share_id) a on a.share_id = s.id
    where s.run_id = any (touched)
        and (s.amount <> coalesce(a.amount, 0) or s.difference <> coalesce(a.difference, 0)) limit 1;
    if broken.amount is not null then
        raise exception using errcode = '23514', constraint = 'PAY-SUM', message = '部门额度与个人合计不符',
            detail = format('部门额度 %s，个人合计 %s', broken.amount, broken.people);
    end if;
    select before.pool - before.reserve - before.returned as before, r.whole, a.difference into broken
    from (select id, corrects_id, difference, pool - reserve - returned as whole from pay_run
          where id = any (touched) and corrects_id is not null
          and state in ('computed', 'checked', 'approved', 'superseded')) r
    join pay_run before on before.id = r.corrects_id
    left join (select run_id, sum(difference) as difference from pay_bureaushare
               where run_id = any (touched) group by run_id) s on s.run_id = r.id
    left join (select run_id, sum(difference) as difference from pay_allocation
               where run_id = any (touched) group by run_id) a on a.run_id = r.id
    where r.difference is distinct from r.whole - (before.pool - before.reserve - before.returned)
        or coalesce(s.difference, 0) <> r.difference or coalesce(a.difference, 0) <> r.difference limit 1;
    if broken.whole is not null then
        raise exception using errcode = '23514', constraint = 'PAY-SUM', message = '差额合计与更正前后的差不符',
            detail = format('原分配 %s，现分配 %s，差额合计 %s', broken.before, broken.whole, broken.difference);
    end if;
end $$;
create or replace function pay_hold_sum() returns trigger language plpgsql as $$
declare
    touched bigint[];
begin
    -- Taken off first, so that a later change in this transaction is judged again; the first row judges for all.
    with taken as (delete from pay_pendingsum returning run_id) select array_agg(run_id) into touched from taken;
    if touched is not null then perform pay_judge_runs(touched); end if;
    return null;
end $$;
drop trigger pay_sums on pay_run;
create or replace function pay_hold_run() returns trigger language plpgsql as $$
begin
    insert into pay_pendingsum values (new.id) on conflict do nothing;
    return null;
end $$;
create trigger pay_sums after insert or update of pool, reserve, returned, difference, state on pay_run
    for each row when (new.state in ('computed', 'checked', 'approved', 'superseded')) execute function pay_hold_run();
drop function pay_judge_sums(bigint);
-- reverse
drop trigger pay_sums on pay_run;
create function pay_judge_sums(touched bigint) returns void language plpgsql as $$
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
create or replace function pay_hold_run() returns trigger language plpgsql as $$
begin
    perform pay_judge_sums(new.id);
    return null;
end $$;
create constraint trigger pay_sums after insert or update of pool, state on pay_run
    deferrable initially deferred for each row execute function pay_hold_run();
create or replace function pay_hold_sum() returns trigger language plpgsql as $$
begin
    delete from pay_pendingsum where run_id = new.run_id;
    perform pay_judge_sums(new.run_id);
    return null;
end $$;
drop function pay_judge_runs(bigint[]);
drop trigger pay_allocation_share_number on pay_bureaushare;
drop trigger pay_allocation_share_emptied on pay_bureaushare;
drop trigger pay_allocation_share on pay_bureaushare;
drop trigger pay_allocation_person_number on staffing_person;
drop trigger pay_allocation_person_emptied on staffing_person;
drop trigger pay_allocation_person on staffing_person;
drop trigger pay_allocation_person_lock on staffing_person;
drop function pay_refuse_number();
drop function pay_check_parents_emptied();
drop function pay_check_parents();
drop function pay_alone_with_people();
drop trigger pay_allocation_whole_changed on pay_allocation;
drop trigger pay_allocation_whole_added on pay_allocation;
drop function pay_check_allocations();
drop trigger pay_allocation_kept_removed on pay_allocation;
drop trigger pay_allocation_kept_changed on pay_allocation;
drop trigger pay_allocation_kept_added on pay_allocation;
drop trigger pay_share_kept_removed on pay_bureaushare;
drop trigger pay_share_kept_changed on pay_bureaushare;
drop trigger pay_share_kept_added on pay_bureaushare;
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
create trigger pay_share_kept before insert or update or delete on pay_bureaushare
    for each row execute function pay_keep_rows();
create trigger pay_allocation_kept before insert or update or delete on pay_allocation
    for each row execute function pay_keep_rows();
create function pay_check_share() returns trigger language plpgsql as $$
begin
    if (select run_id from pay_bureaushare where id = new.share_id) <> new.run_id then
        raise exception using errcode = '23514', constraint = 'PAY-SHARE', message = '个人分配与部门额度不属于同一次核算';
    end if;
    return new;
end $$;
create trigger pay_share_of_run before insert or update on pay_allocation
    for each row execute function pay_check_share();
