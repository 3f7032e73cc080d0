-- Parks of one city that are positioned on the same industries (POS-01): a pair within the zone once, for the first of
-- the two; one across zones for the zone's own park. `names_of` says whose name a reader must be allowed to know.
create function zones_pos_01(zone bigint, day date)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric) language sql stable as $$
    with parks as (
        select v.unit_id, u.code::text, v.short_name::text as name, v.short_name_en as name_en,
               case a.kind when 'city' then v.parent_id else above.parent_id end as city,
               zone in (v.unit_id, v.parent_id) as own
        from zones_unitversion v
        join zones_unit u on u.id = v.unit_id and u.kind = 'park'
        join zones_unit a on a.id = v.parent_id
        left join zones_unitversion above on above.unit_id = v.parent_id and above.period @> day
        where v.period @> day
    )
    select own.unit_id, 'unit:' || own.code, own.name,
           jsonb_build_object(
               'industries', string_agg(i.name, '、' order by i.code), 'subject_en', own.name_en,
               'industries_en', string_agg(coalesce(nullif(i.name_en, ''), i.name), ', ' order by i.code),
               'other', other.name, 'other_en', other.name_en, 'names_of', jsonb_build_object('other', other.unit_id)),
           count(*)::numeric
    from parks own
    join parks other on other.city = own.city and other.unit_id <> own.unit_id
        and (not other.own or own.unit_id < other.unit_id)
    join zones_positioning mine on mine.unit_id = own.unit_id and mine.period @> day
    join zones_positioning theirs on theirs.unit_id = other.unit_id and theirs.period @> day
        and theirs.industry_id = mine.industry_id
    join zones_industry i on i.id = mine.industry_id
    where own.own
    group by own.unit_id, own.code, own.name, own.name_en, other.unit_id, other.name, other.name_en
$$;
-- reverse
drop function zones_pos_01(bigint, date);
