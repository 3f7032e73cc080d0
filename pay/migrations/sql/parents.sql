-- The foreign keys of pay_allocation again, with each share and each person asked for once and by key: a block's
-- statement adds eighteen thousand rows of four hundred shares, and the tables behind may hold a province.
create or replace function pay_check_allocations() returns trigger language plpgsql as $$
declare
    shares bigint[];
    people bigint[];
    lost record;
begin
    select array_agg(distinct share_id), array_agg(distinct person_id) into shares, people from added;
    perform from pay_bureaushare where id = any (shares) order by id for key share;
    perform pg_advisory_xact_lock_shared(hashtext('pay_allocation.person'));
    select s.id is not null as elsewhere into lost
    from (select distinct share_id, run_id from added) a
    left join (select id, run_id from pay_bureaushare where id = any (shares)) s on s.id = a.share_id
    where s.run_id is distinct from a.run_id limit 1;
    if lost.elsewhere then
        raise exception using errcode = '23514', constraint = 'PAY-SHARE', message = '个人分配与部门额度不属于同一次核算';
    elsif found then
        raise exception using errcode = '23503', constraint = 'pay_allocation_share', message = '部门额度不存在';
    end if;
    if (select count(*) from staffing_person where id = any (people)) < cardinality(people) then
        raise exception using errcode = '23503', constraint = 'pay_allocation_person', message = '人员不存在';
    end if;
    return null;
end $$;

-- reverse
create or replace function pay_check_allocations() returns trigger language plpgsql set enable_nestloop = on as $$
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
