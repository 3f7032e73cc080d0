-- The last day on which somebody may still ask for a review of his grade, or appeal against its review (ASM-12); null
-- where nobody may any more. years.before_closing says the same beforehand, with how many they are.
create function kpi_clock_until(cycle kpi_cycle) returns date language sql stable as $$
    select max(x.until) from (
        select cycle.published_on + kpi_stated(cycle.id, 'ASM-12', 'review_apply')::int as until
        where exists (
            select from kpi_scorecard s join kpi_result r on r.scorecard_id = s.id
            where s.cycle_id = cycle.id and s.kind = 'person'
              and not exists (select from kpi_appeal a where a.result_id = r.id and a.stage = 'review'))
        union all
        select a.decided_on + kpi_stated(cycle.id, 'ASM-12', 'appeal')::int
        from kpi_appeal a join kpi_result r on r.id = a.result_id join kpi_scorecard s on s.id = r.scorecard_id
        where s.cycle_id = cycle.id and a.stage = 'review' and a.outcome in ('upheld', 'changed')
          and not exists (select from kpi_appeal b where b.result_id = a.result_id and b.stage = 'appeal')
    ) x where x.until >= common_today()
$$;

-- As before; and a year closes only from having been published, once every clock that its publishing started is over.
create or replace function kpi_keep_cycle() returns trigger language plpgsql as $$
declare
    until date;
begin
    if old.state <> 'open' and (old.holder_id, old.year, old.published_on, old.bureau_weight, old.small_bureau,
            old.bonus_cap, old.notice) is distinct from (new.holder_id, new.year, new.published_on, new.bureau_weight,
            new.small_bureau, new.bonus_cap, new.notice) then
        raise exception using errcode = '23514', constraint = 'KPI-PUBLISHED', message = '考核结果已公布，年度规则不能再改';
    end if;
    if new.state = 'closed' and old.state <> 'closed' then
        if old.state <> 'published' then
            raise exception using errcode = '23514', constraint = 'KPI-CLOSED', message = '考核结果尚未公布，不能关闭';
        end if;
        if exists (
                select from kpi_appeal a join kpi_result r on r.id = a.result_id
                join kpi_scorecard s on s.id = r.scorecard_id where s.cycle_id = new.id and a.outcome = '') then
            raise exception using errcode = '23514', constraint = 'KPI-APPEAL', message = '还有复核、申诉未处理，不能关闭';
        end if;
        until := kpi_clock_until(old);
        if until is not null then
            raise exception using errcode = '23514', constraint = 'ASM-12',
                message = format('复核、申诉期限至 %s 届满，此前不能关闭', until);
        end if;
    end if;
    return new;
end $$;
-- reverse
create or replace function kpi_keep_cycle() returns trigger language plpgsql as $$
begin
    if old.state <> 'open' and (old.holder_id, old.year, old.published_on, old.bureau_weight, old.small_bureau,
            old.bonus_cap, old.notice) is distinct from (new.holder_id, new.year, new.published_on, new.bureau_weight,
            new.small_bureau, new.bonus_cap, new.notice) then
        raise exception using errcode = '23514', constraint = 'KPI-PUBLISHED', message = '考核结果已公布，年度规则不能再改';
    end if;
    if new.state = 'closed' and old.state <> 'closed' and exists (
            select from kpi_appeal a join kpi_result r on r.id = a.result_id
            join kpi_scorecard s on s.id = r.scorecard_id where s.cycle_id = new.id and a.outcome = '') then
        raise exception using errcode = '23514', constraint = 'KPI-APPEAL', message = '还有复核、申诉未处理，不能关闭';
    end if;
    return new;
end $$;
drop function kpi_clock_until(kpi_cycle);
