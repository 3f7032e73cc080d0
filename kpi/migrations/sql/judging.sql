-- What a year's charter states for a rule; null where it does not.
create function kpi_stated(cycle bigint, rule text, parameter text) returns numeric language sql stable as $$
    select orgchart_parameter(c.holder_id, make_date(c.year, 12, 31), rule, parameter) from kpi_cycle c where c.id = cycle
$$;

-- What on file keeps a person's card from a grade (bar 'none'), or from 优秀 (bar 'excellent'); 'left' only proposes.
-- kpi/rules/ names the rules and explains the facts; the page that proposes and the trigger that refuses both ask here.
create function kpi_bars(cards bigint[]) returns table (scorecard_id bigint, rule text, bar text, facts jsonb)
language sql stable as $$
    with asked as materialized (
        select s.id, s.person_id, s.unit_id, s.cycle_id, c.year, make_date(c.year, 12, 31) as last,
            daterange(make_date(c.year, 1, 1), make_date(c.year + 1, 1, 1)) as span
        from kpi_scorecard s join kpi_cycle c on c.id = s.cycle_id
        where s.id = any (cards) and s.kind = 'person'
    )
    -- A leader on trial in a higher post is graded; whoever was newly taken on is not.
    select a.id, 'ASM-05', 'none', jsonb_build_object('ends', max(p.probation_ends))
    from asked a join staffing_appointment p
        on p.person_id = a.person_id and p.period @> a.last and p.probation_ends >= a.last and p.hire <> 'promotion'
    where not exists (select from staffing_trial t
                      where t.appointment_id = p.id and t.outcome <> 'extended' and t.decided_on < a.last)
    group by a.id
    union all
    select a.id, 'ASM-06', 'none', jsonb_build_object('months', h.months, 'host', h.host)
    from asked a cross join lateral (
        select s.host_unit_id, count(*) as months, coalesce(nullif(s.host_name, ''), (
                select v.short_name from zones_unitversion v where v.unit_id = s.host_unit_id
                order by v.period @> a.last desc, v.period desc limit 1)) as host
        from staffing_secondment s, generate_series(1, 12) m
        where s.person_id = a.person_id and not s.annulled and s.period @> make_date(a.year, m, 15)
        group by s.host_unit_id, s.host_name order by months desc, s.host_unit_id limit 1
    ) h
    where h.months >= 6 and h.host_unit_id is distinct from a.unit_id
    union all
    select a.id, 'ASM-07', 'none', jsonb_build_object('days', l.days, 'limit', l.most::int)
    from asked a cross join lateral (
        select sum(upper(b.period * a.span) - lower(b.period * a.span)) as days,
            kpi_stated(a.cycle_id, 'ASM-07', 'days') as most
        from staffing_absence b
        where b.person_id = a.person_id and not b.annulled and b.kind in ('sick', 'personal') and b.period && a.span
    ) l
    where l.days > l.most
    union all
    select distinct a.id, 'ASM-08', 'none', jsonb_build_object('since', min(lower(i.period)))
    from asked a join staffing_inquiry i
        on i.person_id = a.person_id and not i.annulled and upper_inf(i.period) and lower(i.period) <= a.last
    group by a.id
    union all
    select a.id, 'ASM-09', case when bool_and(n.kind = 'warning') then 'excellent' else 'none' end,
        jsonb_build_object('kinds', jsonb_agg(distinct n.kind), 'since', min(lower(n.period)))
    from asked a join staffing_sanction n on n.person_id = a.person_id and not n.annulled
        and case when n.kind in ('warning', 'demerit') then a.span @> lower(n.period) else n.period && a.span end
    group by a.id
    union all
    select a.id, 'left', 'proposed', jsonb_build_object('day', upper(p.period) - 1)
    from asked a cross join lateral (
        select period, end_reason from staffing_appointment where person_id = a.person_id order by period desc limit 1
    ) p
    where upper(p.period) <= a.last and p.end_reason in (
        'retirement', 'resignation', 'dismissal', 'death', 'unfit', 'unexcused', 'trial_failed', 'moved_away')
$$;

create function kpi_vetoed(card bigint) returns boolean language sql stable as $$
    select exists (
        select from kpi_adjustment a
        where a.scorecard_id = card and a.kind = 'veto' and a.state = 'approved' and a.revokes_id is null
          and not exists (select from kpi_adjustment r where r.revokes_id = a.id and r.state = 'approved'))
$$;

-- Who has which grade: the words of his kind, and nothing that the facts on file forbid.
create function kpi_check_grades() returns trigger language plpgsql as $$
declare
    found record;
begin
    select * into found from (
        select p.name, case when p.identity in ('civil_servant', 'managed') then 'ASM-02' else 'ASM-01' end as rule,
            '该等次不适用于此类对象' as sentence
        from fresh r join kpi_scorecard s on s.id = r.scorecard_id left join staffing_person p on p.id = s.person_id
        where r.rating <> '' and (s.kind = 'person') <>
            (r.rating in ('excellent', 'competent', 'basic', 'incompetent', 'undetermined'))
        union all
        select p.name, b.rule, case b.rule
            when 'ASM-05' then '试用期内只写评语，不确定等次'
            when 'ASM-06' then '当年半年以上在其他单位工作，由该单位考核'
            when 'ASM-07' then '病、事假累计超过半年，不确定等次'
            when 'ASM-08' then '立案未结案，不确定等次'
            else case b.bar when 'excellent' then '当年受警告处分，不得确定为优秀' else '受处分期间，不确定等次' end end
        from kpi_bars(array(select scorecard_id from fresh where rating not in ('', 'undetermined'))) b
        join fresh r on r.scorecard_id = b.scorecard_id
        join kpi_scorecard s on s.id = r.scorecard_id join staffing_person p on p.id = s.person_id
        where b.bar = 'none' or b.bar = 'excellent' and r.rating = 'excellent'
        union all
        select p.name, 'KPI-VETO', '一票否决后，不能定为优秀或第一等次'
        from fresh r join kpi_scorecard s on s.id = r.scorecard_id left join staffing_person p on p.id = s.person_id
        where r.rating in ('excellent', 'first') and kpi_vetoed(s.id)
    ) x order by rule, name limit 1;
    if found.rule is not null then
        raise exception using errcode = '23514', constraint = found.rule,
            message = concat_ws('：', found.name, found.sentence);
    end if;
    return null;
end $$;
create trigger kpi_result_added after insert on kpi_result referencing new table as fresh
    for each statement execute function kpi_check_grades();
create trigger kpi_result_changed after update on kpi_result referencing new table as fresh
    for each statement execute function kpi_check_grades();

-- After publishing, a grade changes only by a decided appeal, or when a case that kept it open is closed (ASM-08).
create function kpi_keep_published() returns trigger language plpgsql as $$
declare
    keys bigint[] := array[(to_jsonb(old) ->> 'scorecard_id')::bigint, (to_jsonb(new) ->> 'scorecard_id')::bigint];
begin
    perform from kpi_cycle c join kpi_scorecard s on s.cycle_id = c.id
    where s.id = any (keys) and c.state = 'published' for share of c;
    if not found then
        return case tg_op when 'DELETE' then old else new end;
    end if;
    if tg_op = 'UPDATE' and (old.scorecard_id, old.score, old.own_score, old.bureau_score)
            is not distinct from (new.scorecard_id, new.score, new.own_score, new.bureau_score) then
        if (old.rating, old.undetermined, old.comment) = (new.rating, new.undetermined, new.comment) then
            return new;
        end if;
        if new.rating = (select a.new_rating from kpi_appeal a where a.result_id = new.id and a.outcome = 'changed'
                         order by a.decided_on desc, a.id desc limit 1) then
            return new;
        end if;
        if old.undetermined = 'ASM-08' and new.undetermined <> 'ASM-08' and not exists (
                select from kpi_bars(array[new.scorecard_id]) b where b.rule = 'ASM-08') then
            return new;
        end if;
    end if;
    raise exception using errcode = '23514', constraint = 'KPI-PUBLISHED',
        message = '考核结果已公布，等次只能凭复核、申诉决定变更，或在结案后补定';
end $$;
create trigger kpi_result_published before insert or update or delete on kpi_result
    for each row execute function kpi_keep_published();

-- A circle's quota of 优秀 as arithmetic. Leaders are a circle of their own over the whole year (unit null); the staff
-- of a unit are another. Whoever is on probation, assessed elsewhere, too new or gone is not in the base.
create function kpi_quota(cycle bigint, unit bigint, only_institution boolean default false)
returns table (heads int, base int, ratio numeric, places int, excellent int) language sql stable as $$
    select n.heads::int, n.base::int, q.ratio, floor(n.base * q.ratio)::int, n.excellent::int
    from (
        select count(*) as heads, count(*) filter (where r.rating = 'excellent') as excellent,
            count(*) filter (where coalesce(r.undetermined, '') not in ('ASM-05', 'ASM-06', 'new', 'left')) as base
        from kpi_scorecard s left join kpi_result r on r.scorecard_id = s.id
        where s.cycle_id = $1 and s.kind = 'person'
          and case when $2 is null then s.bureau_id is null else s.unit_id = $2 and s.bureau_id is not null end
          and (not only_institution or exists (
                select from staffing_person p
                where p.id = s.person_id and p.identity not in ('civil_servant', 'managed')))
    ) n, lateral (
        select case when kpi_stated($1, case when only_institution then 'ASM-04' else 'ASM-03' end, 'base_ratio') is not null
            then coalesce(
                (select x.ratio from kpi_quotaraise x join kpi_cycle c on c.id = x.cycle_id
                 where x.cycle_id = $1 and x.unit_id = coalesce($2, c.holder_id)),
                kpi_stated($1, case when only_institution then 'ASM-04' else 'ASM-03' end, 'base_ratio')) end as ratio
    ) q
$$;

create function kpi_judge_quota(cycle bigint, unit bigint) returns void language plpgsql as $$
declare
    said record;
begin
    -- Two who fill one circle at once are judged one after the other.
    perform pg_advisory_xact_lock(hashtextextended(format('kpi_quota %s %s', cycle, unit), 0));
    for said in
        select 'ASM-03' as rule, q.* from kpi_quota(cycle, unit) q where q.excellent > q.places
        union all
        select 'ASM-04', q.* from kpi_quota(cycle, unit, true) q where q.excellent > q.places
    loop
        raise exception using errcode = '23514', constraint = said.rule,
            message = format('优秀 %s 人，超过名额：应参加考核 %s 人 × %s%% = %s，取 %s 人', said.excellent, said.base,
                             trim_scale(said.ratio * 100), trim_scale(said.base * said.ratio), said.places);
    end loop;
end $$;

create function kpi_check_quota() returns trigger language plpgsql as $$
declare
    place record;
begin
    if tg_table_name = 'kpi_result' then
        for place in select cycle_id, case when bureau_id is not null then unit_id end as unit
                     from kpi_scorecard where id = new.scorecard_id and kind = 'person' loop
            perform kpi_judge_quota(place.cycle_id, place.unit);
        end loop;
    else
        for place in
            select distinct (x ->> 'cycle_id')::bigint as cycle_id, (x ->> 'unit_id')::bigint as unit
            from unnest(array[to_jsonb(old), to_jsonb(new)]) x where x is not null
        loop
            perform kpi_judge_quota(place.cycle_id, place.unit);
            perform kpi_judge_quota(place.cycle_id, null);
        end loop;
    end if;
    return null;
end $$;
create constraint trigger kpi_result_quota after insert or update of rating, undetermined on kpi_result
    deferrable initially deferred for each row
    when (new.rating = 'excellent' or new.undetermined in ('ASM-05', 'ASM-06', 'new', 'left'))
    execute function kpi_check_quota();
create constraint trigger kpi_scorecard_quota after update of cycle_id, unit_id, bureau_id or delete on kpi_scorecard
    deferrable initially deferred for each row when (old.kind = 'person') execute function kpi_check_quota();
create constraint trigger kpi_raise_quota after insert or update or delete on kpi_quotaraise
    deferrable initially deferred for each row execute function kpi_check_quota();

create function kpi_check_raise() returns trigger language plpgsql as $$
begin
    if new.ratio > kpi_stated(new.cycle_id, 'ASM-03', 'max_ratio') then
        raise exception using errcode = '23514', constraint = 'ASM-03',
            message = format('优秀比例最高 %s%%', trim_scale(kpi_stated(new.cycle_id, 'ASM-03', 'max_ratio') * 100));
    end if;
    return new;
end $$;
create trigger kpi_raise_ceiling before insert or update on kpi_quotaraise
    for each row execute function kpi_check_raise();
create trigger kpi_raise_open before insert or update or delete on kpi_quotaraise
    for each row execute function kpi_refuse_closed('cycle_id', 'published,closed');

-- An adjustment is proposed, then decided by another; what was decided stays, and only a second one revokes it.
create function kpi_check_adjustment() returns trigger language plpgsql as $$
declare
    before jsonb := to_jsonb(old) - '{state,decided_by_id,decided_at,opinion}'::text[];
    subject bigint;
begin
    if tg_op = 'DELETE' or tg_op = 'UPDATE' and
            (old.state <> 'proposed' or before <> to_jsonb(new) - '{state,decided_by_id,decided_at,opinion}'::text[]) then
        raise exception using errcode = '23514', constraint = 'KPI-ADJUSTED',
            message = '加减分事项提出后不能改写或删除，已通过的只能另提一项撤销';
    end if;
    if tg_op = 'INSERT' and new.state <> 'proposed' then
        raise exception using errcode = '23514', constraint = 'KPI-ADJUSTED', message = '加减分事项须先提出，再由他人审定';
    end if;
    if tg_op = 'INSERT' and new.revokes_id is not null and not exists (
            select from kpi_adjustment a where a.id = new.revokes_id and a.state = 'approved' and a.revokes_id is null
              and a.scorecard_id = new.scorecard_id and (a.kind, a.points) = (new.kind, new.points)) then
        raise exception using errcode = '23514', constraint = 'KPI-ADJUSTED', message = '只能撤销本评分卡上已通过的事项';
    end if;
    select p.user_id into subject from kpi_scorecard s join staffing_person p on p.id = s.person_id
    where s.id = new.scorecard_id;
    if subject in (new.decided_by_id, new.proposed_by_id) then
        raise exception using errcode = '23514', constraint = 'KPI-OWN-CASE', message = '不能办理本人的加减分事项';
    end if;
    return new;
end $$;
create trigger kpi_adjustment_kept before insert or update or delete on kpi_adjustment
    for each row execute function kpi_check_adjustment();

create function kpi_check_veto() returns trigger language plpgsql as $$
begin
    if kpi_vetoed(new.scorecard_id) and exists (
            select from kpi_result where scorecard_id = new.scorecard_id and rating in ('excellent', 'first')) then
        raise exception using errcode = '23514', constraint = 'KPI-VETO', message = '一票否决后，不能定为优秀或第一等次';
    end if;
    return null;
end $$;
create constraint trigger kpi_adjustment_veto after update on kpi_adjustment
    deferrable initially deferred for each row when (new.kind = 'veto' and new.state = 'approved')
    execute function kpi_check_veto();

-- An appeal keeps its clocks (ASM-12), is decided once, by somebody who neither is concerned nor scored.
create function kpi_check_appeal() returns trigger language plpgsql as $$
declare
    at record;
    since date;
    days int;
begin
    if tg_op = 'DELETE' or tg_op = 'UPDATE' and (old.outcome <> '' or
            (old.result_id, old.stage, old.text, old.raised_on, old.due_on)
            <> (new.result_id, new.stage, new.text, new.raised_on, new.due_on)) then
        raise exception using errcode = '23514', constraint = 'KPI-APPEAL', message = '复核、申诉记录不能改写或删除';
    end if;
    select c.id, c.state, c.published_on, s.id as card, p.user_id into at
    from kpi_result r join kpi_scorecard s on s.id = r.scorecard_id join kpi_cycle c on c.id = s.cycle_id
    left join staffing_person p on p.id = s.person_id where r.id = new.result_id for share of c;
    if at.state <> 'published' then
        raise exception using errcode = '23514', constraint = 'KPI-APPEAL',
            message = case at.state when 'open' then '考核结果公布后才能申请复核' else '考核年度已关闭，不能再申请或处理' end;
    end if;
    if tg_op = 'UPDATE' then
        if new.decided_by_id = at.user_id or exists (
                select from kpi_line where scorecard_id = at.card and entered_by_id = new.decided_by_id) then
            raise exception using errcode = '23514', constraint = 'KPI-OWN-CASE',
                message = '本人和评分的人不能处理复核、申诉';
        end if;
        return new;
    end if;
    if new.outcome <> '' then
        raise exception using errcode = '23514', constraint = 'KPI-APPEAL', message = '复核、申诉须先提出，再作决定';
    end if;
    if new.stage = 'review' then
        since := at.published_on;
        days := kpi_stated(at.id, 'ASM-12', 'review_apply');
    else
        select decided_on into since from kpi_appeal
        where result_id = new.result_id and stage = 'review' and outcome in ('upheld', 'changed');
        days := kpi_stated(at.id, 'ASM-12', 'appeal');
    end if;
    if since is null then
        raise exception using errcode = '23514', constraint = 'ASM-12', message = '对复核决定不服，才能申诉';
    end if;
    if new.raised_on not between since and since + days then
        raise exception using errcode = '23514', constraint = 'ASM-12',
            message = format('提出期限为 %s 至 %s', since, since + days);
    end if;
    return new;
end $$;
create trigger kpi_appeal_kept before insert or update or delete on kpi_appeal
    for each row execute function kpi_check_appeal();

-- What a year was published by stays; it is closed with every appeal settled.
create function kpi_keep_cycle() returns trigger language plpgsql as $$
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
create trigger kpi_cycle_kept before update on kpi_cycle for each row execute function kpi_keep_cycle();
-- reverse
drop trigger kpi_cycle_kept on kpi_cycle;
drop function kpi_keep_cycle();
drop trigger kpi_appeal_kept on kpi_appeal;
drop function kpi_check_appeal();
drop trigger kpi_adjustment_veto on kpi_adjustment;
drop function kpi_check_veto();
drop trigger kpi_adjustment_kept on kpi_adjustment;
drop function kpi_check_adjustment();
drop trigger kpi_raise_open on kpi_quotaraise;
drop trigger kpi_raise_ceiling on kpi_quotaraise;
drop function kpi_check_raise();
drop trigger kpi_raise_quota on kpi_quotaraise;
drop trigger kpi_scorecard_quota on kpi_scorecard;
drop trigger kpi_result_quota on kpi_result;
drop function kpi_check_quota();
drop function kpi_judge_quota(bigint, bigint);
drop function kpi_quota(bigint, bigint, boolean);
drop trigger kpi_result_published on kpi_result;
drop function kpi_keep_published();
drop trigger kpi_result_changed on kpi_result;
drop trigger kpi_result_added on kpi_result;
drop function kpi_check_grades();
drop function kpi_vetoed(bigint);
drop function kpi_bars(bigint[]);
drop function kpi_stated(bigint, text, text);
