-- What the rules of pay find (PAY-01 … PAY-10). Every finder gives the days of a breach itself; with a run's id it
-- looks at that run alone. What the charter of the year's last day does not state is not judged.

-- Runs of the zone's units that stand or wait to be signed, and the days on which they do.
create function pay_judged_runs(zone bigint, only_run bigint default null) returns table (
    run_id bigint, unit_id bigint, subject text, subject_en text, year integer, last_day date, pool numeric,
    shared numeric, scheme_id bigint, instrument_id bigint, approved boolean, period daterange)
language sql stable as $$
    with runs as (
        select r.*, make_date(r.year, 12, 31) as last_day,
               (coalesce(r.approved_at, r.finished_at) at time zone 'Asia/Shanghai')::date as since,
               (select min((c.approved_at at time zone 'Asia/Shanghai')::date) from pay_run c
                where c.corrects_id = r.id and c.state = 'approved') as until
        from pay_run r
        where r.state in ('computed', 'checked', 'approved') and (only_run is null or r.id = only_run)
            and r.unit_id in (select m.unit_id from orgchart_membership(zone) m)
    )
    select r.id, r.unit_id, m.name || ' ' || r.year || ' 年',
           coalesce(nullif(v.short_name_en, ''), m.name) || ' ' || r.year,
           r.year::integer, r.last_day, r.pool, r.pool - r.reserve - r.returned, r.scheme_id, r.instrument_id,
           r.state = 'approved', daterange(r.since, r.until)
    from runs r
    join orgchart_membership(zone) m on m.unit_id = r.unit_id and m.period @> r.last_day
    join zones_unitversion v on v.unit_id = r.unit_id and v.period @> r.last_day
    where r.until is null or r.until > r.since
$$;

-- A unit's figure of a whole year and the days on which it was the latest known; of several scopes the first by name.
create function pay_figure_of(unit bigint, metric text, of_year integer) returns table (value numeric, period daterange)
language sql stable as $$
    select f.value, daterange(f.vintage, lead(f.vintage) over (partition by f.scope order by f.vintage))
    from zones_figure f join zones_metric m on m.id = f.metric_id
    where f.unit_id = unit and m.code = metric and f.year = of_year and f.through = 12
        and f.scope = (select min(o.scope) from zones_figure o where o.unit_id = f.unit_id
                       and o.metric_id = f.metric_id and o.year = f.year and o.through = 12)
$$;

-- A figure of the year and the one before, like for like, and the days on which both were the latest known.
create function pay_growth_of(unit bigint, metric text, of_year integer) returns table (
    now numeric, before numeric, period daterange) language sql stable as $$
    with known as (
        select f.year, f.scope, f.value,
               daterange(f.vintage, lead(f.vintage) over (partition by f.year, f.scope order by f.vintage)) as period
        from zones_figure f join zones_metric m on m.id = f.metric_id
        where f.unit_id = unit and m.code = metric and f.year in (of_year, of_year - 1) and f.through = 12
    ), pairs as (
        select n.scope, n.value as now, b.value as before, n.period * b.period as period
        from known n join known b using (scope)
        where n.year = of_year and b.year = of_year - 1 and n.period && b.period
    )
    select now, before, period from pairs where scope = (select min(scope) from pairs)
$$;

create function pay_yuan(amount numeric) returns text language sql immutable as $$
    select to_char(amount, 'FM999,999,999,999,990.00')
$$;
create function pay_plain(number numeric) returns text language sql immutable as $$
    select trim_scale(round(number, 4))::text
$$;

create function pay_pay_01(zone bigint, only_run bigint default null) returns table (
    unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    select s.unit_id, 'run:' || s.run_id, s.subject,
           jsonb_build_object('subject_en', s.subject_en, 'pool', pay_yuan(s.pool), 'income', pay_yuan(f.value),
                              'multiple', pay_plain(p.most), 'limit', pay_yuan(p.most * f.value)),
           s.pool - p.most * f.value, s.period * f.period
    from pay_judged_runs(zone, only_run) s
    cross join lateral (select orgchart_parameter(zone, s.last_day, 'PAY-01', 'cap_multiple') as most) p
    cross join lateral pay_figure_of(s.unit_id, 'reference_income', s.year) f
    where f.period && s.period and s.pool > p.most * f.value
$$;
create function pay_pay_01_unknown(zone bigint, only_run bigint default null) returns table (
    unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    select s.unit_id, 'run:' || s.run_id, s.subject, jsonb_build_object('subject_en', s.subject_en, 'year', s.year),
           1::numeric, unnest(datemultirange(s.period) - coalesce(
               (select range_agg(f.period) from pay_figure_of(s.unit_id, 'reference_income', s.year) f), '{}'))
    from pay_judged_runs(zone, only_run) s
    where orgchart_parameter(zone, s.last_day, 'PAY-01', 'cap_multiple') is not null
$$;

-- Schemes of the zone, each with the formulas F01 that it has, their parts as ratios of their sum.
create function pay_judged_schemes(zone bigint) returns table (
    scheme_id bigint, subject text, subject_en text, current_ratio numeric, multiple numeric, base_part numeric,
    post_part numeric, performance_part numeric, period daterange) language sql stable as $$
    select s.id, s.name::text, nullif(s.name_en, '')::text, s.current_ratio, (r.parameters ->> 'multiple')::numeric,
           p.base / p.whole, p.post / p.whole, p.performance / p.whole, s.period
    from pay_scheme s
    left join pay_poolrule r on r.scheme_id = s.id and r.role = 'term' and r.method = 'F01'
    cross join lateral (
        select b as base, q as post, x as performance, nullif(b + q + x, 0) as whole
        from (select (r.parameters ->> 'base_part')::numeric as b, (r.parameters ->> 'post_part')::numeric as q,
                     (r.parameters ->> 'performance_part')::numeric as x) parts
    ) p
    where s.zone_id = zone
$$;
create function pay_pay_02_multiple(zone bigint, only_run bigint default null) returns table (
    unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    select zone, 'scheme:' || s.scheme_id, s.subject,
           jsonb_build_object('subject_en', s.subject_en, 'multiple', pay_plain(s.multiple), 'limit', pay_plain(p.stated)),
           abs(s.multiple - p.stated), s.period
    from pay_judged_schemes(zone) s
    cross join lateral (select orgchart_parameter(zone, lower(s.period), 'PAY-02', 'multiple') as stated) p
    where only_run is null and s.multiple <> p.stated
$$;
create function pay_pay_02_split(zone bigint, only_run bigint default null) returns table (
    unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    select zone, 'scheme:' || s.scheme_id, s.subject,
           jsonb_build_object('subject_en', s.subject_en,
               'split', concat_ws(':', pay_plain(s.base_part * 100), pay_plain(s.post_part * 100),
                                  pay_plain(s.performance_part * 100)),
               'limit', concat_ws(':', pay_plain(p.base * 100), pay_plain(p.post * 100), pay_plain(p.performance * 100))),
           greatest(abs(s.base_part - p.base), abs(s.post_part - p.post), abs(s.performance_part - p.performance)), s.period
    from pay_judged_schemes(zone) s
    cross join lateral (select orgchart_parameter(zone, lower(s.period), 'PAY-02', 'base_part') as base,
                               orgchart_parameter(zone, lower(s.period), 'PAY-02', 'post_part') as post,
                               orgchart_parameter(zone, lower(s.period), 'PAY-02', 'performance_part') as performance) p
    where only_run is null
        and (round(s.base_part, 6) <> p.base or round(s.post_part, 6) <> p.post
             or round(s.performance_part, 6) <> p.performance)
$$;
create function pay_pay_02_unknown(zone bigint, only_run bigint default null) returns table (
    unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    select zone, 'scheme:' || s.scheme_id, s.subject, jsonb_build_object('subject_en', s.subject_en), 1::numeric, s.period
    from pay_judged_schemes(zone) s
    where only_run is null and s.multiple is null
        and coalesce(orgchart_parameter(zone, lower(s.period), 'PAY-02', 'multiple'),
                     orgchart_parameter(zone, lower(s.period), 'PAY-02', 'performance_part')) is not null
$$;

-- A run beside last year's pool (what was approved last, else the figure on file) and what its results did.
-- The results are those that the scheme's F03 names; a period with nulls is one in which something is not known.
create function pay_judged_growth(zone bigint, only_run bigint) returns table (
    run_id bigint, unit_id bigint, subject text, subject_en text, year integer, pool numeric, last_pool numeric,
    metric text, now numeric, before numeric, kept numeric, period daterange) language sql stable as $$
    with runs as materialized (
        select s.*, (
                   select l.pool from pay_run l
                   where l.unit_id = s.unit_id and l.year = s.year - 1 and l.state = 'approved' and not exists (
                       select from pay_run c where c.corrects_id = l.id and c.state = 'approved')
               ) as approved_before, (
                   select r.parameters ->> 'benefit' from pay_poolrule r
                   where r.scheme_id = s.scheme_id and r.method = 'F03' and r.unit_id is not distinct from (
                       select o.unit_id from pay_poolrule o
                       where o.scheme_id = s.scheme_id and o.unit_id = s.unit_id limit 1)
                   order by r.role desc limit 1
               ) as metric
        from pay_judged_runs(zone, only_run) s
        where orgchart_parameter(zone, s.last_day, 'PAY-03', 'applies') = 1
    ), bounds as (
        select r.run_id, lower(r.period) as day from runs r
        union
        select r.run_id, d.day from runs r
        cross join lateral (
            select period from pay_growth_of(r.unit_id, r.metric, r.year)
            union all select period from pay_figure_of(r.unit_id, 'pool_base', r.year)
            union all select period from pay_figure_of(r.unit_id, 'asset_preservation', r.year)
        ) f
        cross join lateral (values (lower(f.period)), (upper(f.period))) d(day)
        where r.period @> d.day
    ), steps as (
        select b.run_id, b.day, lead(b.day) over (partition by b.run_id order by b.day) as until from bounds b
    )
    select r.run_id, r.unit_id, r.subject, r.subject_en, r.year, r.pool, coalesce(r.approved_before, b.value), r.metric,
           g.now, g.before, k.value, daterange(s.day, coalesce(s.until, upper(r.period)))
    from runs r
    join steps s using (run_id)
    left join lateral (select * from pay_growth_of(r.unit_id, r.metric, r.year) x where x.period @> s.day) g on true
    left join lateral (select * from pay_figure_of(r.unit_id, 'pool_base', r.year) x where x.period @> s.day) b on true
    left join lateral (select * from pay_figure_of(r.unit_id, 'asset_preservation', r.year) x where x.period @> s.day) k
        on true
$$;
create function pay_pay_03_growth(zone bigint, only_run bigint default null) returns table (
    unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    select g.unit_id, 'run:' || g.run_id, g.subject,
           jsonb_build_object('subject_en', g.subject_en, 'pool', pay_yuan(g.pool), 'limit', pay_yuan(l.most),
               'grown', pay_plain(round((g.pool / g.last_pool - 1) * 100, 2)),
               'benefit', pay_plain(round((g.now / g.before - 1) * 100, 2))),
           g.pool - l.most, g.period
    from pay_judged_growth(zone, only_run) g
    -- What grew by a formula was rounded to the fen, and so is the limit.
    cross join lateral (select round(g.last_pool * greatest(g.now, g.before) / nullif(g.before, 0), 2) as most) l
    where g.before > 0 and g.last_pool > 0 and g.pool > l.most
$$;
create function pay_pay_03_preserved(zone bigint, only_run bigint default null) returns table (
    unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    select g.unit_id, 'run:' || g.run_id, g.subject,
           jsonb_build_object('subject_en', g.subject_en, 'kept', pay_plain(g.kept), 'more', pay_yuan(g.pool - g.last_pool)),
           g.pool - g.last_pool, g.period
    from pay_judged_growth(zone, only_run) g where g.kept < 100 and g.pool > g.last_pool
$$;
create function pay_pay_03_unknown(zone bigint, only_run bigint default null) returns table (
    unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    select g.unit_id, 'run:' || g.run_id, g.subject, jsonb_build_object('subject_en', g.subject_en, 'what', w.what),
           1::numeric, g.period
    from pay_judged_growth(zone, only_run) g
    cross join lateral (
        select case when g.last_pool is null or g.last_pool <= 0 then 'last_pool' when g.metric is null then 'metric'
                    when g.before is null then 'figures' when g.before <= 0 then 'undefined'
                    when g.kept is null and g.pool > g.last_pool then 'assets' end as what
    ) w
    where w.what is not null
$$;

-- Which offices may approve pay is what the charter says; an office is told by its name.
create function pay_pay_04(zone bigint, only_run bigint default null) returns table (
    unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    select s.unit_id, 'run:' || s.run_id, s.subject,
           jsonb_build_object('subject_en', s.subject_en, 'issuer', i.issuer, 'title', coalesce(nullif(i.number, ''), i.title)),
           1::numeric, s.period
    from pay_judged_runs(zone, only_run) s
    join zones_instrument i on i.id = s.instrument_id
    cross join lateral (
        select bool_or(k.stated = 1 and i.issuer ~ k.name) as accepted
        from (values (orgchart_parameter(zone, s.last_day, 'PAY-04', 'personnel'), '人社|人力资源'),
                     (orgchart_parameter(zone, s.last_day, 'PAY-04', 'finance'), '财政'),
                     (orgchart_parameter(zone, s.last_day, 'PAY-04', 'organisation'), '组织部|组织人事'),
                     (orgchart_parameter(zone, s.last_day, 'PAY-04', 'government'), '政府|管委会|管理委员会|党委|市委|区委|工委')
        ) k(stated, name) where k.stated is not null
    ) a
    where s.approved and not a.accepted
$$;

create function pay_pay_07(zone bigint, only_run bigint default null) returns table (
    unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    select distinct zone, 'scheme:' || s.scheme_id, s.subject,
           jsonb_build_object('subject_en', s.subject_en, 'now', pay_plain(s.current_ratio * 100), 'limit', pay_plain(p.stated * 100)),
           abs(s.current_ratio - p.stated), s.period
    from pay_judged_schemes(zone) s
    cross join lateral (select orgchart_parameter(zone, lower(s.period), 'PAY-07', 'now') as stated) p
    where only_run is null and s.current_ratio <> p.stated
$$;

-- What a term gave (approved runs that stand) and what of it its result releases later, not rounded, so that a
-- ratio that just keeps the cap does. The cap is the instrument's, or what the charter states.
create function pay_judged_terms(zone bigint, only_run bigint) returns table (
    term_id bigint, unit_id bigint, subject text, subject_en text, cap numeric, whole numeric, later numeric,
    period daterange) language sql stable as $$
    select t.id, t.unit_id, m.name || ' ' || t.first_year || '–' || t.last_year || ' 年',
           coalesce(nullif(v.short_name_en, ''), m.name) || ' ' || t.first_year || '–' || t.last_year,
           coalesce(t.cap, orgchart_parameter(zone, make_date(t.last_year, 12, 31), 'PAY-08', 'cap')),
           g.whole, g.later, daterange(greatest((t.decided_at at time zone 'Asia/Shanghai')::date, g.since), null)
    from pay_termresult t
    join orgchart_membership(zone) m on m.unit_id = t.unit_id and m.period @> make_date(t.last_year, 12, 31)
    join zones_unitversion v on v.unit_id = t.unit_id and v.period @> make_date(t.last_year, 12, 31)
    cross join lateral (
        select sum(r.pool - r.reserve - r.returned) as whole,
               sum((r.pool - r.reserve - r.returned) * (1 - s.current_ratio)) * t.ratio as later,
               max((r.approved_at at time zone 'Asia/Shanghai')::date) as since
        from pay_run r join pay_scheme s on s.id = r.scheme_id
        where r.unit_id = t.unit_id and r.year between t.first_year and t.last_year and r.state = 'approved'
            and not exists (select from pay_run c where c.corrects_id = r.id and c.state = 'approved')
    ) g
    where only_run is null or exists (
        select from pay_run r where r.id = only_run and r.unit_id = t.unit_id
            and r.year between t.first_year and t.last_year)
$$;
create function pay_pay_08_cap(zone bigint, only_run bigint default null) returns table (
    unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    select t.unit_id, 'term:' || t.term_id, t.subject,
           jsonb_build_object('subject_en', t.subject_en, 'later', pay_yuan(t.later), 'cap', pay_plain(t.cap * 100),
                              'most', pay_yuan(t.cap * t.whole)),
           t.later - t.cap * t.whole, t.period
    from pay_judged_terms(zone, only_run) t where t.later > t.cap * t.whole
$$;
create function pay_pay_08_unknown(zone bigint, only_run bigint default null) returns table (
    unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    select t.unit_id, 'term:' || t.term_id, t.subject, jsonb_build_object('subject_en', t.subject_en), 1::numeric, t.period
    from pay_judged_terms(zone, only_run) t where t.cap is not null and t.whole is null
$$;
create function pay_pay_08_zero(zone bigint, only_run bigint default null) returns table (
    unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    select s.unit_id, 'person:' || w.staff_no, w.name::text,
           jsonb_build_object('year', s.year, 'run', s.run_id, 'amount', pay_yuan(sum(a.amount))), sum(a.amount), s.period
    from pay_judged_runs(zone, only_run) s
    join pay_allocation a on a.run_id = s.run_id and a.rating = 'incompetent' and a.amount > 0
    join staffing_person w on w.id = a.person_id
    where orgchart_parameter(zone, s.last_day, 'PAY-08', 'incompetent_zero') = 1
    group by s.unit_id, s.year, s.run_id, s.period, w.id
$$;

-- What each person of the zone's runs was counted, in months, and the days on which he held any post that year.
create function pay_judged_months(zone bigint, only_run bigint) returns table (
    run_id bigint, unit_id bigint, year integer, scheme_id bigint, person_id bigint, months bigint, cut bigint,
    span daterange, held datemultirange, period daterange) language sql stable as $$
    select s.run_id, s.unit_id, s.year, s.scheme_id, a.person_id, a.months, a.cut, y.span, h.held, s.period
    from pay_judged_runs(zone, only_run) s
    cross join lateral (
        select person_id, sum(months) as months, sum(months_cut) as cut
        from pay_allocation where run_id = s.run_id group by person_id
    ) a
    cross join lateral (select daterange(make_date(s.year, 1, 1), make_date(s.year + 1, 1, 1)) as span) y
    cross join lateral (
        select coalesce(range_agg(p.period * y.span), '{}') as held
        from staffing_appointment p where p.person_id = a.person_id and p.period && y.span
    ) h
$$;
create function pay_months_of(days datemultirange, of_year integer) returns bigint language sql immutable as $$
    select count(*) from generate_series(1, 12) m(n)
    where days && daterange(make_date(of_year, m.n, 1), (make_date(of_year, m.n, 1) + interval '1 month')::date)
$$;
create function pay_pay_09(zone bigint, only_run bigint default null) returns table (
    unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    select g.unit_id, 'person:' || w.staff_no, w.name::text,
           jsonb_build_object('year', g.year, 'run', g.run_id, 'months', g.months, 'held', n.held), g.months - n.held, g.period
    from pay_judged_months(zone, only_run) g
    cross join lateral (select pay_months_of(g.held, g.year) as held) n
    join staffing_person w on w.id = g.person_id
    where not g.held @> g.span and g.months > n.held
$$;
-- Months were cut of somebody on paid leave beyond those that other leave or a secondment can have cost. Where a
-- scheme leaves out whoever is over establishment, months are cut for that too, and nothing can be told.
create function pay_pay_10(zone bigint, only_run bigint default null) returns table (
    unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    select g.unit_id, 'person:' || w.staff_no, w.name::text,
           jsonb_build_object('year', g.year, 'run', g.run_id, 'cut', g.cut, 'other', n.other), g.cut - n.other, g.period
    from pay_judged_months(zone, only_run) g
    join pay_scheme s on s.id = g.scheme_id and s.settings ->> 'over_establishment' <> 'exclude'
    cross join lateral (
        select pay_months_of(coalesce(range_agg(o.period * g.span), '{}'), g.year) as other
        from (select b.period from staffing_absence b
              where b.person_id = g.person_id and not b.annulled and b.kind in ('sick', 'personal', 'unexcused')
              union all
              select b.period from staffing_secondment b where b.person_id = g.person_id and not b.annulled) o
        where o.period && g.span
    ) n
    join staffing_person w on w.id = g.person_id
    where g.cut > n.other and exists (
        select from staffing_absence b
        where b.person_id = g.person_id and not b.annulled and b.period && g.span
            and b.kind in ('annual', 'maternity', 'injury'))
$$;
-- reverse
drop function pay_pay_10(bigint, bigint);
drop function pay_pay_09(bigint, bigint);
drop function pay_months_of(datemultirange, integer);
drop function pay_judged_months(bigint, bigint);
drop function pay_pay_08_zero(bigint, bigint);
drop function pay_pay_08_unknown(bigint, bigint);
drop function pay_pay_08_cap(bigint, bigint);
drop function pay_judged_terms(bigint, bigint);
drop function pay_pay_07(bigint, bigint);
drop function pay_pay_04(bigint, bigint);
drop function pay_pay_03_unknown(bigint, bigint);
drop function pay_pay_03_preserved(bigint, bigint);
drop function pay_pay_03_growth(bigint, bigint);
drop function pay_judged_growth(bigint, bigint);
drop function pay_pay_02_unknown(bigint, bigint);
drop function pay_pay_02_split(bigint, bigint);
drop function pay_pay_02_multiple(bigint, bigint);
drop function pay_judged_schemes(bigint);
drop function pay_pay_01_unknown(bigint, bigint);
drop function pay_pay_01(bigint, bigint);
drop function pay_plain(numeric);
drop function pay_yuan(numeric);
drop function pay_growth_of(bigint, text, integer);
drop function pay_figure_of(bigint, text, integer);
drop function pay_judged_runs(bigint, bigint);
