-- What earlier runs had as a drawn trace, put into the columns that it is drawn from now.
alter table pay_allocation disable trigger user;
alter table pay_bureaushare disable trigger user;
update pay_allocation a set
    posts = person -> 'posts',
    points = (select coalesce(sum((p ->> 'coefficient')::numeric * (p ->> 'months')::int), 0)
              from jsonb_array_elements(person -> 'posts') p),
    result = nullif(split_part(person -> 'rating' ->> 'ref', ':', 2), '')::bigint,
    is_example = coalesce((person -> 'rating' ->> 'example')::boolean, false)
from pay_run r, jsonb_array_elements(r.inputs -> 'people') person, pay_bureaushare s
where r.id = a.run_id and s.id = a.share_id
    and (person ->> 'person')::bigint = a.person_id and (person ->> 'bureau')::bigint = s.bureau_id;
update pay_bureaushare s set people_points = coalesce(
    (select sum(points * grade_factor) from pay_allocation a where a.share_id = s.id), 0);
alter table pay_allocation enable trigger user;
alter table pay_bureaushare enable trigger user;
-- reverse
select 1;
