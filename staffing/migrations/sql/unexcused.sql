-- APT-08: who was absent without leave, in working days of the year that ends on the day: the longest run of them, and
-- all. Counted by the calendar that common/workdays.py keeps; days of a year that it does not know count for nothing.
create function staffing_apt_08_unexcused(zone bigint, day date)
returns table (unit_id bigint, staff_no text, name text, longest integer, total integer) language sql stable as $$
    with calendar as (
        select d.day::date as day, row_number() over (order by d.day) as n
        from generate_series($2 - interval '1 year' + interval '1 day', $2, interval '1 day') d(day)
        join common_workyear w on w.year = extract(year from d.day)::integer
        where d.day::date = any (w.make_up_days)
           or (extract(isodow from d.day) < 6 and d.day::date <> all (w.holidays))
    ), gone as (
        select a.person_id, c.n - row_number() over (partition by a.person_id order by c.n) as run
        from staffing_absence a join calendar c on a.period @> c.day
        where a.kind = 'unexcused' and not a.annulled
    ), runs as (
        select g.person_id, count(*) as n from gone g group by g.person_id, g.run
    )
    select a.unit_id, a.staff_no, a.name, max(r.n)::integer, sum(r.n)::integer
    from runs r join staffing_appointments_of($1) a on a.person_id = r.person_id and a.period @> $2 and a.kind = 'primary'
    group by a.unit_id, a.staff_no, a.name
$$;

create function staffing_apt_08_run(zone bigint, day date)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric) language sql stable as $$
    select u.unit_id, 'person:' || u.staff_no, u.name, jsonb_build_object('days', u.longest, 'most', m.value),
           (u.longest - m.value)::numeric
    from staffing_apt_08_unexcused($1, $2) u
    join staffing_stated($1, 'APT-08', 'unexcused_run') m on m.period @> $2
    where u.longest > m.value
$$;

create function staffing_apt_08_year(zone bigint, day date)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric) language sql stable as $$
    select u.unit_id, 'person:' || u.staff_no, u.name, jsonb_build_object('days', u.total, 'most', m.value),
           (u.total - m.value)::numeric
    from staffing_apt_08_unexcused($1, $2) u
    join staffing_stated($1, 'APT-08', 'unexcused_year') m on m.period @> $2
    where u.total > m.value
$$;
-- reverse
drop function staffing_apt_08_year(bigint, date);
drop function staffing_apt_08_run(bigint, date);
drop function staffing_apt_08_unexcused(bigint, date);
