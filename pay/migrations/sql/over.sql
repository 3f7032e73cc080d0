-- Who is beyond a unit's establishment (edge case "over-establishment"), and in which months, by their cut-off day:
-- of a kind that is limited to n, those who came to the unit after its first n. Counted as ORG-01 counts: a person
-- once a unit, with a post of his own or acting in one. pay/people.py says the same of one month.
create function pay_over_months(unit bigint, of_year integer, cutoff integer, first_month integer default 1)
returns table (person_id bigint, month integer) language sql stable as $$
    with limits as materialized (
        select n.n as month, d.day, q.kind, q."limit"
        from generate_series(first_month, 12) n(n)
        cross join lateral (select make_date(of_year, n.n, cutoff) as day) d
        join orgchart_quota q on q.unit_id = unit and q.period @> d.day
            and q.kind in ('staff', 'administrative', 'institution', 'quota', 'contract')
    ), here as materialized (
        select w.id as person_id, w.staff_no, w.category, p.period * v.period as period,
               min(lower(p.period * v.period)) over (partition by w.id) as since
        from staffing_postversion v
        join staffing_appointment p on p.post_id = v.post_id and p.period && v.period
        join staffing_person w on w.id = p.person_id
        where v.unit_id = unit and p.kind in ('primary', 'acting') and exists (select from limits)
    ), present as (
        select distinct h.person_id, h.staff_no, h.since, l.month, l.kind, l."limit"
        from here h join limits l on h.period @> l.day and l.kind in ('staff', h.category)
    ), ranked as (
        select person_id, month, "limit",
               row_number() over (partition by month, kind order by since, staff_no collate "C") as place
        from present
    )
    select distinct person_id, month from ranked where place > "limit"
$$;

-- The same of many units at the end of a year: staff numbers. Units that are within all their limits are passed by.
create function pay_over_at_year_end(units bigint[], of_year integer) returns table (unit_id bigint, staff_no text)
language sql stable as $$
    with present as (
        select distinct v.unit_id, w.id, w.category
        from staffing_postversion v
        join staffing_appointment p on p.post_id = v.post_id and p.period @> make_date(of_year, 12, 31)
        join staffing_person w on w.id = p.person_id
        where v.unit_id = any (units) and v.period @> make_date(of_year, 12, 31) and p.kind in ('primary', 'acting')
    ), counts as (
        select p.unit_id, k.kind, count(*) as n
        from present p cross join lateral (values ('staff'), (p.category)) k(kind) group by 1, 2
    ), over as materialized (
        select distinct c.unit_id from counts c
        join orgchart_quota q on q.unit_id = c.unit_id and q.kind = c.kind and q.period @> make_date(of_year, 12, 31)
        where c.n > q."limit"
    )
    select o.unit_id, w.staff_no::text
    from over o cross join lateral pay_over_months(o.unit_id, of_year, 31, 12) m join staffing_person w on w.id = m.person_id
$$;
-- reverse
drop function pay_over_at_year_end(bigint[], integer);
drop function pay_over_months(bigint, integer, integer, integer);
