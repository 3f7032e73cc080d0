-- Who shares in the pools of the asked units, and with what: one row a unit, bureau and person.
-- The same as pay/people.py, for many units at once. %(asked)s is a JSON list of
-- {unit, zone, year, cutoff, factors, settings}. Months count from 1; spans of months exclude their end.
with asked as materialized (
    select
        a.unit as unit_id, a.zone as zone_id, a.year, a.cutoff, a.factors,
        make_date(a.year, 12, 31) as last_day,
        daterange(make_date(a.year, 1, 1), make_date(a.year + 1, 1, 1)) as span,
        a.settings ->> 'post_change' = 'last_post' as last_post,
        a.settings ->> 'concurrent' = 'primary' as primary_only,
        (a.settings ->> 'acting_share')::numeric as acting_share,
        a.settings ->> 'secondment' = 'host' as host_pays,
        a.settings ->> 'leaver_month' = 'through' as last_month_paid,
        array(select jsonb_array_elements_text(a.settings -> 'cutting_leave')) as cutting_leave,
        a.settings ->> 'long_leave' = 'zero_year' as long_leave_zero,
        a.settings ->> 'sanction' = 'zero_year' as sanction_zero,
        a.settings ->> 'open_case' = 'zero' as open_case_zero,
        a.settings ->> 'incompetent' = 'pool' as incompetent_to_pool,
        a.settings ->> 'over_establishment' = 'exclude' as over_excluded,
        a.settings ->> 'missing' = 'provisional' as provisional,
        (a.settings ->> 'probation_factor')::numeric as probation_factor,
        (a.settings ->> 'seconded_factor')::numeric as seconded_factor,
        (a.settings ->> 'long_leave_factor')::numeric as long_leave_factor,
        (a.settings ->> 'open_case_factor')::numeric as open_case_factor,
        (a.settings ->> 'newcomer_factor')::numeric as newcomer_factor,
        (a.settings ->> 'leaver_factor')::numeric as leaver_factor
    from jsonb_to_recordset(%(asked)s::jsonb)
        as a(unit bigint, zone bigint, year int, cutoff int, factors jsonb, settings jsonb)
),
members as materialized (
    select distinct a.unit_id, ap.person_id
    from asked a
    join staffing_postversion v on v.unit_id = a.unit_id and v.bureau_id is not null and v.period && a.span
    join staffing_appointment ap on ap.post_id = v.post_id and ap.period && a.span and ap.period && v.period
),
-- Their appointments, wherever they are, cut along the post's versions and the grade's coefficients.
pieces as materialized (
    select
        row_number() over () as piece, m.unit_id, m.person_id, ap.id as appointment, ap.kind, v.unit_id as of_unit,
        v.bureau_id, p.code, v.name, v.sequence, ap.seat, ap.seat > v.headcount as over, c.value as coefficient,
        lower(x.whole) as starts, first_month.n as first_month,
        case when a.last_month_paid and e.ends_by in ('retirement', 'death', 'moved_away')
                  and extract(year from upper(x.cut) - 1) = a.year
             then greatest(end_month.n, extract(month from upper(x.cut) - 1)::int + 1)
             else end_month.n end as end_month,
        count(*) over (partition by m.unit_id, m.person_id) as pieces,
        bool_or(x.cut @> a.last_day) over (partition by m.unit_id, m.person_id) as stays,
        bool_or(e.ends_by in ('retirement', 'death', 'moved_away', 'resignation', 'dismissal', 'unfit', 'unexcused',
                              'trial_failed')) over (partition by m.unit_id, m.person_id) as leaves
    from members m
    join asked a using (unit_id)
    join staffing_appointment ap on ap.person_id = m.person_id and ap.period && a.span
    join staffing_post p on p.id = ap.post_id
    join staffing_postversion v on v.post_id = ap.post_id and v.period && ap.period
    join staffing_gradecoefficient c on c.grade_id = v.grade_id and c.period && ap.period
    cross join lateral (select a.span * ap.period * v.period * c.period as cut, ap.period * v.period * c.period as whole) x
    cross join lateral (
        select case when upper(x.whole) = upper(ap.period) then ap.end_reason else '' end as ends_by,
               case when ap.kind = 'acting' then greatest(lower(x.whole), ap.decided_on) else lower(x.whole) end as from_day
    ) e
    cross join lateral (
        select case when extract(year from e.from_day) < a.year then 1
                    when extract(year from e.from_day) > a.year then 13
                    else extract(month from e.from_day)::int + (extract(day from e.from_day) > a.cutoff)::int end as n
    ) first_month
    cross join lateral (
        select case when upper(x.whole) is null or extract(year from upper(x.whole)) > a.year then 13
                    else extract(month from upper(x.whole))::int + (extract(day from upper(x.whole)) > a.cutoff)::int
               end as n
    ) end_month
    where not isempty(x.cut)
        -- A civil servant is paid for no concurrent post outside his own zone (公务员法 44).
        and not (ap.kind = 'concurrent' and exists (
            select from staffing_person who
            join staffing_postversion pv on pv.post_id = ap.post_id and pv.period && ap.period
            where who.id = ap.person_id and who.identity in ('civil_servant', 'managed')
                and coalesce((select s.parent_id from zones_unitversion s join zones_unit z on z.id = s.parent_id
                              where s.unit_id = pv.unit_id and z.kind = 'zone' and s.period && ap.period
                              order by s.period desc limit 1), pv.unit_id)
                 <> coalesce((select s.parent_id from zones_unitversion s join zones_unit z on z.id = s.parent_id
                              where s.unit_id = who.home_unit_id and z.kind = 'zone' and s.period && ap.period
                              order by s.period desc limit 1), who.home_unit_id)))
),
-- What is on file about them besides: leave, secondments, sanctions, cases, probation. Few have any.
leave as materialized (
    select m.unit_id, m.person_id, b.kind, b.period
    from members m join asked a using (unit_id)
    join staffing_absence b on b.person_id = m.person_id and not b.annulled and b.period && a.span
    where b.kind in ('sick', 'personal', 'unexcused')
),
long_leave as materialized (
    select unit_id, person_id from leave join asked a using (unit_id)
    where kind in ('sick', 'personal') group by unit_id, person_id, a.span
    having 2 * sum(upper(period * a.span) - lower(period * a.span)) > upper(a.span) - lower(a.span)
),
leave_months as materialized (
    select unit_id, person_id, m.n as month
    from leave join asked a using (unit_id)
    cross join generate_series(1, 12) as m(n)
    cross join lateral (
        select daterange(make_date(a.year, m.n, 1), (make_date(a.year, m.n, 1) + interval '1 month')::date) as days
    ) d
    left join long_leave l using (unit_id, person_id)
    where period && d.days and (kind = any (a.cutting_leave) or kind in ('sick', 'personal') and l.person_id is not null)
    group by unit_id, person_id, m.n, d.days
    having 2 * sum(upper(period * d.days) - lower(period * d.days)) > upper(d.days) - lower(d.days)
),
away_months as materialized (
    select m.unit_id, m.person_id, n.n as month
    from members m join asked a using (unit_id)
    join staffing_secondment s on s.person_id = m.person_id and not s.annulled and s.period && a.span
    cross join generate_series(1, 12) as n(n)
    where s.period @> make_date(a.year, n.n, a.cutoff)
    group by m.unit_id, m.person_id, n.n
),
sanctioned as materialized (
    select distinct m.unit_id, m.person_id
    from members m join asked a using (unit_id)
    join staffing_sanction s on s.person_id = m.person_id and not s.annulled and s.period && a.span
    where s.kind <> 'warning'
),
open_cases as materialized (
    select distinct m.unit_id, m.person_id
    from members m join asked a using (unit_id)
    join staffing_inquiry i on i.person_id = m.person_id and not i.annulled and i.outcome = ''
    where lower(i.period) <= a.last_day
),
on_probation as materialized (
    select distinct m.unit_id, m.person_id
    from members m join asked a using (unit_id)
    join staffing_appointment ap on ap.person_id = m.person_id and ap.period @> a.last_day
    where ap.probation_ends >= a.last_day and not exists (
        select from staffing_trial t
        where t.appointment_id = ap.id and t.outcome <> 'extended' and t.decided_on < a.last_day)
),
-- Whose months can be read off: one post, and nothing that cuts or moves a month.
plain as (
    select * from pieces p
    where pieces = 1 and kind in ('primary', 'concurrent', 'acting')
        and not exists (select from leave_months l where (l.unit_id, l.person_id) = (p.unit_id, p.person_id))
        and not exists (select from away_months w where (w.unit_id, w.person_id) = (p.unit_id, p.person_id))
),
-- Everybody else month by month: which posts may pay, what each is worth, and the one that pays.
monthly as (
    select p.*, n.n as month, a.host_pays, a.acting_share, a.primary_only, a.over_excluded, a.last_post,
        w.month is not null as away,
        bool_or(p.kind = 'seconded') over held as here_on_loan,
        l.month is not null as on_leave
    from pieces p join asked a using (unit_id)
    join generate_series(1, 12) as n(n) on n.n >= p.first_month and n.n < p.end_month
    left join away_months w on (w.unit_id, w.person_id, w.month) = (p.unit_id, p.person_id, n.n)
    left join leave_months l on (l.unit_id, l.person_id, l.month) = (p.unit_id, p.person_id, n.n)
    where p.piece not in (select piece from plain) and (p.kind <> 'seconded' or a.host_pays)
    window held as (partition by p.unit_id, p.person_id, n.n)
),
payable as (
    select *, max(coefficient) filter (where kind <> 'acting') over (partition by unit_id, person_id, month) as own
    from monthly where not here_on_loan or kind = 'seconded'
),
valued as (
    select *, case when kind = 'acting' and own is not null
                   then round(own + acting_share * greatest(coefficient - own, 0), 4) else coefficient end as worth
    from payable
),
picked as (
    select distinct on (unit_id, person_id, month) unit_id, person_id, month, piece, worth, last_post,
        case when kind = 'acting' and worth <> coefficient then 'acting' else '' end as why,
        on_leave or (host_pays and away and kind <> 'seconded') or (over and over_excluded) as cut
    from valued
    order by unit_id, person_id, month, primary_only and kind = 'concurrent', worth desc, kind <> 'primary', starts, appointment
),
settled as (
    select unit_id, person_id, month, cut,
        case when last_post then first_value(piece) over latest else piece end as piece,
        case when last_post then first_value(worth) over latest else worth end as worth,
        case when last_post then first_value(why) over latest else why end as why,
        last_post, bool_and(cut) over (partition by unit_id, person_id) as nothing_left, piece as own_piece,
        worth as own_worth, why as own_why
    from picked window latest as (partition by unit_id, person_id order by cut, month desc)
),
counted as (
    select unit_id, person_id, piece, coefficient as worth, '' as why, first_month as since, end_month - 1 as until,
        case when over and a.over_excluded then 0 else end_month - first_month end as months,
        case when over and a.over_excluded then end_month - first_month else 0 end as months_cut
    from plain join asked a using (unit_id) where end_month > first_month
    union all
    select unit_id, person_id, case when nothing_left then own_piece else piece end,
        case when nothing_left then own_worth else worth end, case when nothing_left then own_why else why end,
        min(month), max(month), count(*) filter (where not cut), count(*) filter (where cut)
    from settled group by 1, 2, 3, 4, 5
),
results as materialized (
    select distinct on (m.unit_id, m.person_id) m.unit_id, m.person_id, r.id, r.rating, r.undetermined, r.is_example
    from members m join asked a using (unit_id)
    join kpi_cycle y on y.holder_id = a.zone_id and y.year = a.year
    join kpi_scorecard k on k.cycle_id = y.id and k.kind = 'person' and k.person_id = m.person_id
    join kpi_result r on r.scorecard_id = k.id
    order by m.unit_id, m.person_id, r.id desc
),
causes as (
    select m.unit_id, m.person_id, r.id as result, coalesce(r.rating, '') as rating,
        coalesce(r.is_example, false) as is_example, s.person_id is not null as sanctioned,
        o.person_id is not null as open_case, l.person_id is not null as long_leave,
        coalesce(nullif(r.undetermined, ''), case
            when s.person_id is not null then 'ASM-09'
            when o.person_id is not null then 'ASM-08'
            when l.person_id is not null then 'ASM-07'
            when (select count(*) from away_months w where (w.unit_id, w.person_id) = (m.unit_id, m.person_id)) >= 6
                then 'ASM-06'
            when b.person_id is not null then 'ASM-05'
            when p.leaves and not p.stays then 'left' else '' end) as cause
    from members m
    left join results r using (unit_id, person_id)
    left join sanctioned s using (unit_id, person_id)
    left join open_cases o using (unit_id, person_id)
    left join long_leave l using (unit_id, person_id)
    left join on_probation b using (unit_id, person_id)
    left join (select distinct unit_id, person_id, leaves, stays from pieces) p using (unit_id, person_id)
),
factors as materialized (
    select c.*, f.kind,
        case f.kind
            when 'zero' then 0
            when 'grade' then (a.factors ->> c.rating)::numeric
            when 'ASM-05' then a.probation_factor when 'ASM-06' then a.seconded_factor
            when 'ASM-07' then a.long_leave_factor when 'ASM-08' then a.open_case_factor
            when 'new' then a.newcomer_factor when 'left' then a.leaver_factor
            when 'undetermined' then (a.factors ->> 'undetermined')::numeric
        end as factor,
        c.open_case and not (c.sanctioned and a.sanction_zero) and not a.open_case_zero as held
    from causes c join asked a using (unit_id)
    cross join lateral (select case
        when c.sanctioned and a.sanction_zero or c.open_case and a.open_case_zero or c.long_leave and a.long_leave_zero
            then 'zero'
        when c.rating not in ('', 'undetermined') then 'grade'
        when c.cause in ('ASM-05', 'ASM-06', 'ASM-07', 'ASM-08', 'new', 'left') then c.cause
        when c.cause = 'ASM-09' or c.rating = 'undetermined' then 'undetermined'
        else '' end as kind) f
),
posts as (
    select t.unit_id, t.person_id, i.bureau_id, i.code, w.worth, w.why, min(t.since) as since,
        (array_agg(i.name order by t.until desc))[1] as name,
        sum(t.months)::int as months, sum(t.months_cut)::int as months_cut,
        min(lpad(i.sequence::text, 5, '0') || rpad(i.code, 41) || lpad(i.seat::text, 5, '0') collate "C") as place
    from counted t
    join pieces i using (unit_id, person_id, piece)
    join asked a using (unit_id)
    join factors f using (unit_id, person_id)
    cross join lateral (select a.incompetent_to_pool and f.rating = 'incompetent' and f.factor = 0 as back) k
    cross join lateral (select case when k.back then 0 else t.worth end as worth,
                               case when k.back then 'to_pool' else t.why end as why) w
    where i.of_unit = t.unit_id and i.bureau_id is not null and exists (
        select from orgchart_bureauversion v
        where v.bureau_id = i.bureau_id and v.unit_id = t.unit_id and v.period && a.span)
    group by t.unit_id, t.person_id, i.bureau_id, i.code, w.worth, w.why
),
shares as (
    select unit_id, bureau_id, person_id, sum(months)::int as months, sum(months_cut)::int as months_cut,
        sum(worth * months) as points, min(place) as place, array_agg(name order by since) as names,
        jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
            'post', code, 'name', name, 'coefficient', trim_scale(worth)::text, 'months', months,
            'why', nullif(why, ''))) order by since) as posts
    from posts group by unit_id, bureau_id, person_id
),
rows as (
    select s.*, f.rating, f.result, f.is_example, f.held, f.factor, who.staff_no,
        case when f.factor is not null or not a.provisional then null else round(
            sum(s.points * f.factor) over u / nullif(sum(s.points) filter (where f.factor is not null) over u, 0), 4)
        end as mean,
        case
            when f.kind = 'zero' then case when f.sanctioned and a.sanction_zero then 'sanction'
                when f.open_case and a.open_case_zero then 'open_case' else 'long_leave' end
            when f.kind = '' then ''
            when f.held then 'open_case'
            when f.kind = 'undetermined' then case when f.cause = 'ASM-09' then 'sanction' else 'undetermined' end
            else case f.kind when 'grade' then 'grade' when 'ASM-05' then 'probation' when 'ASM-06' then 'seconded'
                when 'ASM-07' then 'long_leave' when 'ASM-08' then 'open_case' when 'left' then 'leaver'
                else 'undetermined' end
        end as reason
    from shares s
    join factors f using (unit_id, person_id)
    join asked a using (unit_id)
    join staffing_person who on who.id = s.person_id
    window u as (partition by s.unit_id)
)
select unit_id, bureau_id, person_id,
    row_number() over (partition by unit_id order by place collate "C", staff_no collate "C", bureau_id)::int as ord,
    staff_no,
    left(case when cardinality(names) = 1 then names[1]
         else (select string_agg(name, '、' order by at)
               from (select name, min(at) as at from unnest(names) with ordinality as t(name, at) group by name) d)
         end, 200) as post_name,
    posts, months, months_cut, points, rating, coalesce(factor, mean) as factor,
    case when factor is null and mean is not null then 'provisional' else reason end as reason,
    result, is_example, held
from rows
order by unit_id, ord
