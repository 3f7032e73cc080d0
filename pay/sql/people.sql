-- Who shares in the pools of the asked units, and with what: one row a unit, bureau and person.
-- The same as pay/people.py, for many units at once. %(asked)s is a JSON list of
-- {unit, zone, year, cutoff, factors, settings}. Months count from 1; spans of months exclude their end.
with asked as materialized (
    select
        a.unit as unit_id, a.zone as zone_id, a.year, a.cutoff, a.factors,
        make_date(a.year, 1, 1) as first_day, make_date(a.year, 12, 31) as last_day,
        make_date(a.year + 1, 1, 1) as next_year,
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
-- Rows are asked for by a list of keys (= any (array)), so that they are found by index however large the tables are
-- and however many units are asked; joins in between are by hash, since a CTE's size is not known to the planner.
posts_here as materialized (
    select a.unit_id, a.span, v.post_id, v.period
    from asked a join staffing_postversion v on v.unit_id = a.unit_id and v.bureau_id is not null and v.period && a.span
    where v.unit_id = any (array(select unit_id from asked))
),
members as materialized (
    select distinct h.unit_id, ap.person_id
    from posts_here h
    join staffing_appointment ap on ap.post_id = h.post_id and ap.period && h.span and ap.period && h.period
    where ap.post_id = any (array(select post_id from posts_here))
),
-- Their appointments, wherever they are.
appointed as materialized (
    select m.unit_id, ap.id, ap.person_id, ap.post_id, ap.kind, ap.seat, ap.decided_on, ap.end_reason,
        ap.probation_ends, ap.period, lower(ap.period) as starts, upper(ap.period) as ends
    from members m join asked a using (unit_id) join staffing_appointment ap using (person_id)
    where ap.person_id = any (array(select person_id from members)) and ap.period && a.span
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
-- What those posts were worth, and where they stood, from day to day.
worths as materialized (
    select row_number() over () as worth, v.post_id, v.unit_id as of_unit, v.bureau_id, p.code, v.name, v.headcount,
        c.value as coefficient, lpad(v.sequence::text, 5, '0') || rpad(p.code, 41) as place,
        greatest(lower(v.period), lower(c.period)) as starts, least(upper(v.period), upper(c.period)) as ends
    from staffing_postversion v
    join staffing_post p on p.id = v.post_id
    join staffing_gradecoefficient c on c.grade_id = v.grade_id and c.period && v.period
    where v.post_id = any (array(select distinct post_id from appointed))
        and p.id = any (array(select distinct post_id from appointed))
),
-- The appointments cut along them.
pieces as materialized (
    select
        row_number() over () as piece, g.unit_id, g.person_id, g.id as appointment, g.kind, w.worth as post_worth,
        w.of_unit, w.bureau_id, w.coefficient, w.place, g.seat, g.seat > w.headcount as over, x.starts,
        first_month.n as first_month,
        case when a.last_month_paid and x.ends < a.next_year and e.ends_by in ('retirement', 'death', 'moved_away')
             then greatest(end_month.n, date_part('month', x.ends - 1)::int + 1) else end_month.n end as end_month,
        x.ends is null or x.ends > a.last_day as stays,
        e.ends_by in ('retirement', 'death', 'moved_away', 'resignation', 'dismissal', 'unfit', 'unexcused',
                      'trial_failed') as leaves
    from appointed g
    join asked a using (unit_id)
    join worths w using (post_id)
    cross join lateral (select greatest(g.starts, w.starts) as starts, least(g.ends, w.ends) as ends) x
    cross join lateral (
        select case when x.ends is not distinct from g.ends then g.end_reason else '' end as ends_by,
               case when g.kind = 'acting' then greatest(x.starts, g.decided_on) else x.starts end as from_day
    ) e
    cross join lateral (
        select case when e.from_day < a.first_day then 1
                    when e.from_day >= a.next_year then 13
                    else date_part('month', e.from_day)::int + (date_part('day', e.from_day) > a.cutoff)::int end as n
    ) first_month
    cross join lateral (
        select case when x.ends is null or x.ends >= a.next_year then 13
                    else date_part('month', x.ends)::int + (date_part('day', x.ends) > a.cutoff)::int end as n
    ) end_month
    where x.starts < a.next_year and (x.ends is null or x.ends > greatest(x.starts, a.first_day))
),
-- What is on file about them besides: leave, secondments, sanctions, cases, probation. Few have any.
leave as materialized (
    select m.unit_id, m.person_id, b.kind, b.period
    from members m join asked a using (unit_id)
    join staffing_absence b on b.person_id = m.person_id and not b.annulled and b.period && a.span
    where b.kind in ('sick', 'personal', 'unexcused') and b.person_id = any (array(select person_id from members))
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
    where period && d.days
        and (kind = any (a.cutting_leave) or kind in ('sick', 'personal') and l.person_id is not null)
    group by unit_id, person_id, m.n, d.days
    having 2 * sum(upper(period * d.days) - lower(period * d.days)) > upper(d.days) - lower(d.days)
    union -- beyond the unit's establishment, where the scheme leaves that out
    select a.unit_id, o.person_id, o.month
    from asked a cross join lateral pay_over_months(a.unit_id, a.year, a.cutoff) o where a.over_excluded
),
away_months as materialized (
    select m.unit_id, m.person_id, n.n as month
    from members m join asked a using (unit_id)
    join staffing_secondment s on s.person_id = m.person_id and not s.annulled and s.period && a.span
    cross join generate_series(1, 12) as n(n)
    where s.period @> make_date(a.year, n.n, a.cutoff) and s.person_id = any (array(select person_id from members))
    group by m.unit_id, m.person_id, n.n
),
noted as (
    select m.unit_id, m.person_id, 'sanctioned' as what
    from members m join asked a using (unit_id)
    join staffing_sanction s on s.person_id = m.person_id and not s.annulled and s.period && a.span
    where s.kind <> 'warning' and s.person_id = any (array(select person_id from members))
    union all
    select m.unit_id, m.person_id, 'open_case'
    from members m join asked a using (unit_id)
    join staffing_inquiry i on i.person_id = m.person_id and not i.annulled and i.outcome = ''
    where lower(i.period) <= a.last_day and i.person_id = any (array(select person_id from members))
    union all
    select g.unit_id, g.person_id, 'probation'
    from appointed g join asked a using (unit_id)
    where g.probation_ends >= a.last_day and g.period @> a.last_day and not exists (
        select from staffing_trial t
        where t.appointment_id = g.id and t.outcome <> 'extended' and t.decided_on < a.last_day)
    union all
    select unit_id, person_id, 'long_leave' from long_leave
    union all
    select unit_id, person_id, 'leave' from leave_months
    union all
    select unit_id, person_id, 'away' from away_months
),
notes as materialized (
    select unit_id, person_id,
        bool_or(what = 'sanctioned') as sanctioned, bool_or(what = 'open_case') as open_case,
        bool_or(what = 'probation') as on_probation, bool_or(what = 'long_leave') as long_leave,
        bool_or(what in ('leave', 'away')) as by_month, count(*) filter (where what = 'away') as away
    from noted group by unit_id, person_id
),
cards as materialized (
    select y.holder_id as zone_id, k.person_id, k.id
    from kpi_cycle y join kpi_scorecard k on k.cycle_id = y.id
    where y.holder_id = any (array(select zone_id from asked)) and y.year = any (array(select year from asked))
        and k.kind = 'person' and k.cycle_id = any (array(
            select id from kpi_cycle
            where holder_id = any (array(select zone_id from asked)) and year = any (array(select year from asked))))
        and k.person_id = any (array(select person_id from members))
),
results as materialized (
    select k.zone_id, k.person_id, r.id, r.rating, r.undetermined, r.is_example
    from cards k join kpi_result r on r.scorecard_id = k.id
    where r.scorecard_id = any (array(select id from cards))
),
-- Each of them once: what grade counts, with what factor, and whether his months can be read off.
standing as (
    select unit_id, person_id, count(*) as pieces, bool_or(stays) as stays, bool_or(leaves) as leaves,
        -- Each piece's months as bits: their sum is their union where no month is in two of them.
        sum(m.bits) = bit_or(m.bits) and bool_and(kind <> 'seconded') as apart,
        count(*) = 1 or count(*) = 2 and min(bureau_id) <> max(bureau_id) as one_a_bureau
    from pieces cross join lateral (
        select case when end_month > first_month then (1 << end_month) - (1 << first_month) else 0 end as bits) m
    group by unit_id, person_id
),
causes as (
    select s.unit_id, s.person_id, r.id as result, coalesce(r.rating, '') as rating,
        coalesce(r.is_example, false) as is_example, coalesce(n.sanctioned, false) as sanctioned,
        coalesce(n.open_case, false) as open_case, coalesce(n.long_leave, false) as long_leave,
        s.one_a_bureau, s.apart and (s.pieces = 1 or not a.last_post) and n.by_month is not true as plain,
        coalesce(nullif(r.undetermined, ''), case
            when n.sanctioned then 'ASM-09'
            when n.open_case then 'ASM-08'
            when n.long_leave then 'ASM-07'
            when n.away >= 6 then 'ASM-06'
            when n.on_probation then 'ASM-05'
            when s.leaves and not s.stays then 'left' else '' end) as cause
    from standing s
    join asked a using (unit_id)
    left join results r using (zone_id, person_id)
    left join notes n using (unit_id, person_id)
),
factors as materialized (
    select c.*, f.kind, who.staff_no, a.incompetent_to_pool and v.factor = 0 and c.rating = 'incompetent' as to_pool,
        v.factor, a.over_excluded,
        case
            when f.kind = 'zero' then case when c.sanctioned and a.sanction_zero then 'sanction'
                when c.open_case and a.open_case_zero then 'open_case' else 'long_leave' end
            when f.kind = '' then ''
            when h.held then 'open_case'
            when f.kind = 'undetermined' then case when c.cause = 'ASM-09' then 'sanction' else 'undetermined' end
            else case f.kind when 'grade' then 'grade' when 'ASM-05' then 'probation' when 'ASM-06' then 'seconded'
                when 'ASM-07' then 'long_leave' when 'ASM-08' then 'open_case' when 'left' then 'leaver'
                else 'undetermined' end
        end as reason,
        h.held
    from causes c
    join asked a using (unit_id)
    join staffing_person who on who.id = c.person_id
    cross join lateral (select case
        when c.sanctioned and a.sanction_zero or c.open_case and a.open_case_zero or c.long_leave and a.long_leave_zero
            then 'zero'
        when c.rating not in ('', 'undetermined') then 'grade'
        when c.cause in ('ASM-05', 'ASM-06', 'ASM-07', 'ASM-08', 'new', 'left') then c.cause
        when c.cause = 'ASM-09' or c.rating = 'undetermined' then 'undetermined'
        else '' end as kind) f
    cross join lateral (select case f.kind
            when 'zero' then 0
            when 'grade' then (a.factors ->> c.rating)::numeric
            when 'ASM-05' then a.probation_factor when 'ASM-06' then a.seconded_factor
            when 'ASM-07' then a.long_leave_factor when 'ASM-08' then a.open_case_factor
            when 'new' then a.newcomer_factor when 'left' then a.leaver_factor
            when 'undetermined' then (a.factors ->> 'undetermined')::numeric
        end as factor) v
    cross join lateral (
        select c.open_case and not (c.sanctioned and a.sanction_zero) and not a.open_case_zero as held) h
    where who.id = any (array(select person_id from members))
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
    join factors f on (f.unit_id, f.person_id) = (p.unit_id, p.person_id) and not f.plain
    where p.kind <> 'seconded' or a.host_pays
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
    order by unit_id, person_id, month, primary_only and kind = 'concurrent', worth desc, kind <> 'primary', starts,
        appointment
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
    select p.unit_id, p.person_id, p.piece, p.coefficient as worth, '' as why, first_month as since,
        end_month - 1 as until, case when over and over_excluded then 0 else end_month - first_month end as months,
        case when over and over_excluded then end_month - first_month else 0 end as months_cut
    from pieces p join factors f using (unit_id, person_id)
    where f.plain and not f.one_a_bureau and end_month > first_month
    union all
    select unit_id, person_id, case when nothing_left then own_piece else piece end,
        case when nothing_left then own_worth else worth end, case when nothing_left then own_why else why end,
        min(month), max(month), count(*) filter (where not cut), count(*) filter (where cut)
    from settled group by 1, 2, 3, 4, 5
),
stood as materialized (
    select distinct a.unit_id, v.bureau_id
    from asked a join orgchart_bureauversion v on v.unit_id = a.unit_id and v.period && a.span
    where v.unit_id = any (array(select unit_id from asked))
),
posts as (
    select t.unit_id, t.person_id, i.bureau_id, p.code, w.worth, w.why, min(t.since) as since,
        (array_agg(p.name order by t.until desc))[1] as name,
        sum(t.months)::int as months, sum(t.months_cut)::int as months_cut,
        min(i.place || lpad(i.seat::text, 5, '0') collate "C") as place
    from counted t
    join pieces i using (unit_id, person_id, piece)
    join worths p on p.worth = i.post_worth
    join factors f using (unit_id, person_id)
    join stood s on s.unit_id = t.unit_id and s.bureau_id = i.bureau_id
    cross join lateral (select case when f.to_pool then 0 else t.worth end as worth,
                               case when f.to_pool then 'to_pool' else t.why end as why) w
    where i.of_unit = t.unit_id
    group by t.unit_id, t.person_id, i.bureau_id, p.code, w.worth, w.why
),
-- One post in a bureau, read off as it is.
single as materialized (
    select p.unit_id, p.bureau_id, p.person_id, p.post_worth, f.to_pool, p.coefficient, p.seat, p.place, m.months,
        p.end_month - p.first_month - m.months as months_cut
    from pieces p
    join factors f using (unit_id, person_id)
    join stood s on s.unit_id = p.unit_id and s.bureau_id = p.bureau_id
    cross join lateral (
        select case when p.over and f.over_excluded then 0 else p.end_month - p.first_month end as months) m
    where f.plain and f.one_a_bureau and p.end_month > p.first_month and p.of_unit = p.unit_id
),
-- Many hold the same post for as long: its words are written once.
worded as materialized (
    select k.*, p.name, jsonb_build_array(
        jsonb_build_object('post', p.code, 'name', p.name, 'months', k.months,
            'coefficient', trim_scale(case when k.to_pool then 0 else p.coefficient end)::text)
        || case when k.to_pool then jsonb '{"why": "to_pool"}' else '{}' end) as posts
    from (select distinct post_worth, months, to_pool from single) k join worths p on p.worth = k.post_worth
),
shares as (
    select unit_id, bureau_id, person_id, months, months_cut,
        case when to_pool then 0 else coefficient * months end as points,
        place || lpad(seat::text, 5, '0') as place, name as post_name, posts
    from single join worded using (post_worth, months, to_pool)
    union all
    select unit_id, bureau_id, person_id, sum(months)::int, sum(months_cut)::int, sum(worth * months), min(place),
        (select string_agg(name, '、' order by at)
         from (select name, min(at) as at
               from unnest(array_agg(posts.name order by since)) with ordinality as t(name, at) group by name) d),
        jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
            'post', code, 'name', name, 'coefficient', trim_scale(worth)::text, 'months', months,
            'why', nullif(why, ''))) order by since)
    from posts group by unit_id, bureau_id, person_id
),
-- What stands in for a grade that is missing, where the scheme has it so: the unit's mean.
means as (
    select s.unit_id,
        round(sum(s.points * f.factor) / nullif(sum(s.points) filter (where f.factor is not null), 0), 4) as mean
    from shares s join factors f using (unit_id, person_id)
    where s.unit_id = any (array(
        select f.unit_id from factors f join asked a using (unit_id) where f.factor is null and a.provisional))
    group by s.unit_id
)
select s.unit_id, s.bureau_id, s.person_id,
    row_number() over (
        partition by s.unit_id order by s.place collate "C", f.staff_no collate "C", s.bureau_id)::int as ord,
    f.staff_no, left(s.post_name, 200) as post_name, s.posts, s.months, s.months_cut, s.points, f.rating,
    coalesce(f.factor, m.mean) as factor,
    case when f.factor is null and m.mean is not null then 'provisional' else f.reason end as reason,
    f.result, f.is_example, f.held
from shares s join factors f using (unit_id, person_id) left join means m on m.unit_id = s.unit_id
order by unit_id, ord
