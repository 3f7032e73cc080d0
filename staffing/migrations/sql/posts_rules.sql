-- What the rules of posts find, each measure a function (zone, day) -> offenders under the charter of that day;
-- staffing/rules/posts.py names and explains them. They are reported, not held: a ratio is reached over years. What
-- holds for each post by itself (PST-01, PST-04, the form of a code) is a check of its row.

-- The units of the zone that have posts on the day, with their code.
create function staffing_units_with_posts(zone bigint, day date)
returns table (unit_id bigint, code text, name text, seats bigint) language sql stable as $$
    select m.unit_id, u.code::text, m.name, sum(v.headcount)
    from orgchart_units_of(zone, day) m
    join zones_unit u on u.id = m.unit_id
    join staffing_postversion v on v.unit_id = m.unit_id and v.period @> day
    group by 1, 2, 3
$$;

create function staffing_pst_02(zone bigint, day date)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric) language sql stable as $$
    select p.unit_id, 'unit:' || p.code, p.name, jsonb_build_object('seats', p.seats), 1::numeric
    from staffing_units_with_posts(zone, day) p
    where orgchart_parameter(zone, day, 'PST-02', 'filing_required') = 1
      and not exists (select from staffing_postplanfiling f where f.unit_id = p.unit_id and f.period @> day)
$$;

-- Professional seats of a unit by level: of each group of levels, no more of the upper ones than the ratio gives them.
create function staffing_pst_03(zone bigint, day date)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric) language sql stable as $$
    with groups (band, place, parameter, first, last, levels, levels_en) as (values
        (1, 1, 'senior', 1, 7, '高级岗位', 'senior posts'),
        (1, 2, 'middle', 8, 10, '高级和中级岗位', 'senior and middle posts'),
        (1, 3, 'junior', 11, 13, '', ''),
        (2, 1, 'level_02', 2, 2, '二级岗位', 'posts of level 2'),
        (2, 2, 'level_03', 3, 3, '二级和三级岗位', 'posts of levels 2 and 3'),
        (2, 3, 'level_04', 4, 4, '', ''),
        (3, 1, 'level_05', 5, 5, '五级岗位', 'posts of level 5'),
        (3, 2, 'level_06', 6, 6, '五级和六级岗位', 'posts of levels 5 and 6'),
        (3, 3, 'level_07', 7, 7, '', ''),
        (4, 1, 'level_08', 8, 8, '八级岗位', 'posts of level 8'),
        (4, 2, 'level_09', 9, 9, '八级和九级岗位', 'posts of levels 8 and 9'),
        (4, 3, 'level_10', 10, 10, '', ''),
        (5, 1, 'level_11', 11, 11, '十一级岗位', 'posts of level 11'),
        (5, 2, 'level_12', 12, 12, '', '')
    ), posts as (
        select v.unit_id, substr(v.level, 3)::integer as number, v.headcount
        from orgchart_units_of(zone, day) m
        join staffing_postversion v on v.unit_id = m.unit_id and v.period @> day
        where v.level like 'ZJ%'
    ), counted as (
        select p.unit_id, g.band, g.place, g.levels, g.levels_en,
               orgchart_parameter(zone, day, 'PST-03', g.parameter) as part,
               sum(p.headcount) filter (where p.number between g.first and g.last) as seats
        from posts p cross join groups g group by 1, 2, 3, 4, 5, g.parameter
    ), summed as (
        select c.*,
               sum(coalesce(seats, 0)) over upto as held, sum(part) over upto as share,
               sum(coalesce(seats, 0)) over whole as seats_all, sum(part) over whole as parts_all,
               bool_and(part is not null) over whole as stated, max(place) over whole as lowest
        from counted c
        window upto as (partition by unit_id, band order by place), whole as (partition by unit_id, band)
    )
    select s.unit_id, 'unit:' || u.code, m.name,
           jsonb_build_object('levels', s.levels, 'levels_en', s.levels_en, 'count', s.held, 'total', s.seats_all,
                              'share', trim_scale(round(s.held * 100 / s.seats_all, 1))::text,
                              'limit', trim_scale(round(s.share * 100 / s.parts_all, 1))::text),
           ceil(s.held - s.share * s.seats_all / s.parts_all)
    from summed s
    join orgchart_units_of(zone, day) m on m.unit_id = s.unit_id
    join zones_unit u on u.id = s.unit_id
    where s.stated and s.parts_all > 0 and s.place < s.lowest and s.held * s.parts_all > s.share * s.seats_all
$$;

create function staffing_pst_05(zone bigint, day date)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric) language sql stable as $$
    with counted as (
        select p.unit_id, p.code, p.name, p.seats, coalesce((
            select sum(v.headcount) from staffing_postversion v
            where v.unit_id = p.unit_id and v.period @> day and v.category = 'ZJ'), 0) as professional
        from staffing_units_with_posts(zone, day) p
        join staffing_postplanfiling f on f.unit_id = p.unit_id and f.period @> day and f.main_category = 'ZJ'
    )
    select c.unit_id, 'unit:' || c.code, c.name,
           jsonb_build_object('count', c.professional, 'total', c.seats, 'least', trim_scale(p.least * 100)::text),
           ceil(p.least * c.seats) - c.professional
    from counted c, (select orgchart_parameter(zone, day, 'PST-05', 'min_ratio') as least) p
    where c.professional < p.least * c.seats
$$;

create function staffing_pst_06(zone bigint, day date)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric) language sql stable as $$
    select v.unit_id, 'post:' || p.code, m.name || ' ' || v.name,
           jsonb_build_object('seats', v.headcount, 'subject_en', m.name || ' ' || coalesce(nullif(v.name_en, ''), v.name)),
           1::numeric
    from orgchart_units_of(zone, day) m
    join staffing_postversion v on v.unit_id = m.unit_id and v.period @> day
    join staffing_post p on p.id = v.post_id
    where v.level = '' and orgchart_parameter(zone, day, 'PST-06', 'code_required') = 1
$$;
-- reverse
drop function staffing_pst_06(bigint, date);
drop function staffing_pst_05(bigint, date);
drop function staffing_pst_03(bigint, date);
drop function staffing_pst_02(bigint, date);
drop function staffing_units_with_posts(bigint, date);
