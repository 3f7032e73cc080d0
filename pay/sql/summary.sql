-- What must be known of a unit's people before anything is stored: their hash, where they work and with what, whether
-- anybody can take a share, and who lacks a grade, has one without a factor, counts as the mean, or is on appeal.
with bureaus as materialized (
    select unit_id, jsonb_object_agg(bureau_id, jsonb_build_array(points, weighted)) as found
    from (select unit_id, bureau_id, trim_scale(sum(points))::text as points,
              trim_scale(coalesce(sum(points * factor), 0))::text as weighted
          from pay_block_people group by unit_id, bureau_id) b
    group by unit_id
),
appeals as materialized (
    select p.unit_id, jsonb_agg(jsonb_build_object(
        'person', p.person_id, 'bureau', p.bureau_id, 'points', trim_scale(p.points)::text, 'rating', p.rating,
        'factor', trim_scale(p.factor)::text) order by p.ord) as found
    from pay_block_people p join kpi_appeal a on a.result_id = p.result and a.outcome = '' and p.factor is not null
    group by p.unit_id
)
select unit_id,
    encode(sha256(convert_to(string_agg(
        concat_ws('|', ord, bureau_id, person_id, staff_no, post_name, posts, months, months_cut, points, rating,
                  coalesce(factor::text, '-'), reason, coalesce(result, 0), is_example, held), E'\n' order by ord), 'UTF8')), 'hex'),
    count(*),
    (select found from bureaus b where b.unit_id = p.unit_id),
    coalesce(sum(points * factor), 0) > 0,
    coalesce(array_agg(staff_no order by ord) filter (where factor is null and rating = ''), '{}'),
    coalesce(array_agg(staff_no order by ord) filter (where factor is null and rating <> '' and points > 0), '{}'),
    coalesce(array_agg(staff_no order by ord) filter (where reason = 'provisional'), '{}'),
    coalesce((select found from appeals a where a.unit_id = p.unit_id), '[]')
from pay_block_people p group by unit_id
