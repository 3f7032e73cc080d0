-- Who got something by the run that is corrected and now has no part any more: a row of zero, for its difference.
insert into pay_block_people
select r.unit_id, s.bureau_id, a.person_id, 1000000 + s.sequence * 1000 + a.sequence, '', a.post_name, '[]', 0,
    0, 0, '', 0, 'gone', null, a.is_example, false
from unnest(%(run_units)s::bigint[], %(corrected)s::bigint[]) as r (unit_id, corrects_id)
join pay_allocation a on a.run_id = r.corrects_id
join pay_bureaushare s on s.id = a.share_id
where a.amount <> 0 and not exists (
    select from pay_block_people p
    where p.unit_id = r.unit_id and p.bureau_id = s.bureau_id and p.person_id = a.person_id)
