-- What must be known of a unit's people before anything is stored: their hash, where they work, whether anybody can
-- take a share, and who lacks a grade or the factor of the grade he has.
select unit_id,
    encode(sha256(convert_to(string_agg(
        concat_ws('|', ord, bureau_id, person_id, staff_no, post_name, posts, months, months_cut, points, rating,
                  coalesce(factor::text, '-'), reason, coalesce(result, 0), is_example, held), E'\n' order by ord), 'UTF8')), 'hex'),
    count(*),
    array_agg(distinct bureau_id),
    coalesce(sum(points * factor), 0) > 0,
    coalesce(array_agg(staff_no order by ord) filter (where factor is null and rating = ''), '{}'),
    coalesce(array_agg(staff_no order by ord) filter (where factor is null and rating <> '' and points > 0), '{}')
from pay_block_people group by unit_id
