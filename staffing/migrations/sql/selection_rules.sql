-- What the rules of selection rounds find, each a function (zone, day) -> offenders under the charter of that day;
-- staffing/rules/selection.py names and explains them. A charter that does not state a parameter has not adopted it.
-- That a notice has the working days of its own plan, and a plan never fewer than five, is held on every row.

-- The notices of the zone that are up on the day, with their length in days and in working days.
create function staffing_notices_up(zone bigint, day date)
returns table (unit_id bigint, kind text, ref text, subject text, days int, workdays int, leads boolean)
language sql stable as $$
    select s.unit_id, s.kind::text, 'selection:' || s.id, s.title::text, n.last_day - n.first_day + 1,
        common_count_workdays(n.first_day, n.last_day),
        exists (select from staffing_selectionpost p
                join staffing_postversion v on v.post_id = p.post_id and v.period @> day
                join orgchart_tier t on t.id = v.tier_id
                where p.selection_id = s.id and (v.is_head or t.kind = 'leader'))
    from orgchart_units_of(zone, day) m
    join staffing_selection s on s.unit_id = m.unit_id
    join staffing_notice n on n.selection_id = s.id
    where day between n.first_day and n.last_day
$$;

create function staffing_apt_05_notice(zone bigint, day date)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric) language sql stable as $$
    select n.unit_id, n.ref, n.subject, jsonb_build_object('days', n.days, 'limit', l.days::int), l.days - n.days
    from staffing_notices_up(zone, day) n
    cross join (select orgchart_parameter(zone, day, 'APT-05', 'notice_days')) l(days)
    where n.kind = 'open' and n.days < l.days
$$;

create function staffing_apt_06(zone bigint, day date)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric) language sql stable as $$
    select n.unit_id, n.ref, n.subject,
        jsonb_build_object('days', n.days, 'least', l.low::int, 'most', l.high::int),
        greatest(l.low - n.days, n.days - l.high)
    from staffing_notices_up(zone, day) n
    cross join (select orgchart_parameter(zone, day, 'APT-06', 'min_days'),
                       orgchart_parameter(zone, day, 'APT-06', 'max_days')) l(low, high)
    where n.kind = 'open' and n.days not between l.low and l.high
$$;

create function staffing_apt_09(zone bigint, day date)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric) language sql stable as $$
    select n.unit_id, n.ref, n.subject, jsonb_build_object('days', n.workdays, 'limit', l.days::int),
        l.days - n.workdays
    from staffing_notices_up(zone, day) n
    cross join (select orgchart_parameter(zone, day, 'APT-09', 'working_days')) l(days)
    where n.kind = 'open' and n.workdays < l.days
$$;

-- Of a competition among staff: that which has posts of leaders or heads on offer.
create function staffing_apt_10(zone bigint, day date)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric) language sql stable as $$
    select n.unit_id, n.ref, n.subject, jsonb_build_object('days', n.workdays, 'limit', l.days::int),
        l.days - n.workdays
    from staffing_notices_up(zone, day) n
    cross join (select orgchart_parameter(zone, day, 'APT-10', 'working_days')) l(days)
    where n.kind = 'internal' and n.leads and n.workdays < l.days
$$;
-- reverse
drop function staffing_apt_10(bigint, date);
drop function staffing_apt_09(bigint, date);
drop function staffing_apt_06(bigint, date);
drop function staffing_apt_05_notice(bigint, date);
drop function staffing_notices_up(bigint, date);
