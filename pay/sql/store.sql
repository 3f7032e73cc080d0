, runs as (
    select * from unnest(%(run_units)s::bigint[], %(runs)s::bigint[], %(corrected)s::bigint[])
        as given (unit_id, run_id, corrects_id)
),
old_shares as (
    select run_id, bureau_id, amount from pay_bureaushare where run_id = any(%(corrected)s::bigint[])
),
old_people as (
    select a.run_id, s.bureau_id, a.person_id, a.amount
    from pay_allocation a join pay_bureaushare s on s.id = a.share_id where a.run_id = any(%(corrected)s::bigint[])
),
-- A correction holds what each gets now, and the difference to what he got by the run that it corrects.
new_shares as (
    insert into pay_bureaushare (run_id, bureau_id, sequence, score, coefficient, weight, people_points, amount,
        difference, terms)
    select r.run_id, s.bureau_id, s.seq, coalesce(s.score, 0), s.coefficient, s.weight, s.people_points, s.amount,
        case when r.corrects_id is not null then s.amount - coalesce(o.amount, 0) end, s.terms
    from bureau_shares s join runs r using (unit_id)
    left join old_shares o on o.run_id = r.corrects_id and o.bureau_id = s.bureau_id
    order by r.run_id, s.seq
    returning id, run_id, bureau_id
)
insert into pay_allocation (run_id, share_id, person_id, sequence, post_name, post_coefficient, posts, points, rating,
    reason, grade_factor, result, is_example, months, months_cut, amount, held, difference)
select r.run_id, n.id, p.person_id, row_number() over (partition by n.id order by p.ord), p.post_name,
    case when p.months > 0 then round(p.points / p.months, 10) else 0 end, p.posts, p.points, p.rating,
    p.reason, coalesce(p.factor, 0), p.result, p.is_example, p.months, p.months_cut, p.amount, p.held,
    case when r.corrects_id is not null then p.amount - coalesce(o.amount, 0) end
from person_shares p join runs r using (unit_id) join new_shares n on n.run_id = r.run_id and n.bureau_id = p.bureau_id
left join old_people o on o.run_id = r.corrects_id and o.bureau_id = p.bureau_id and o.person_id = p.person_id
