-- A pool shared to bureaus (F14) and on to people (F15), for any set of units at once, in exact arithmetic.
--
-- Follows, in the same WITH, three relations that it reads (amounts in yuan, ratios as they are):
--     pools    unit_id, amount, bureau_floor, bureau_cap
--     bureaus  unit_id, bureau_id, seq (roster order in the unit), score (null: none given), ref, is_example (its row)
--     people   unit_id, bureau_id, ord (roster order in the unit), points (Σ coefficient × months), factor, …
-- and gives two: bureau_shares and person_shares. pay/sharing.py is the reference; both agree to the fen.
--
-- No division comes before the last step. With W a bureau's points and S its score, S̄ = Σ WS ÷ Σ W, so that
-- W × clamp(S ÷ S̄, low, high) stands to the others as W × clamp(S × Σ W, low × Σ WS, high × Σ WS): products only.
-- The ÷ 12 of points stands on both sides of every proportion. A share is div() of whole fen; what that leaves goes
-- a fen each to the largest mod(), ties to who stands first in the roster.
bureau_points as materialized (
    select unit_id, bureau_id, sum(points) as points, sum(points * coalesce(factor, 0)) as people_points
    from people group by unit_id, bureau_id
),
weighed as (
    select b.*, p.amount * 100 as fen, p.bureau_floor, p.bureau_cap,
        coalesce(w.points, 0) as points, coalesce(w.people_points, 0) as people_points,
        -- Without weight there is nothing to give back: it can take its zero.
        coalesce(w.points, 0) = 0 or w.people_points > 0 as takes,
        coalesce(sum(w.points) filter (where b.score is not null) over unit, 0) as sum_points,
        coalesce(sum(w.points * b.score) over unit, 0) as sum_scored
    from bureaus b join pools p using (unit_id) left join bureau_points w using (unit_id, bureau_id)
    window unit as (partition by b.unit_id)
),
bounded as (
    -- coefficient = over ÷ under. Where every score is zero they are equal: 1, within the bounds.
    select *, score is null or points = 0 as idle,
        case when sum_scored > 0 then sum_scored else 1 end as under,
        case when score is null or points = 0 then case when sum_scored > 0 then sum_scored else 1 end
             when sum_scored > 0
             then least(greatest(score * sum_points, bureau_floor * sum_scored), bureau_cap * sum_scored)
             else least(greatest(1, bureau_floor), bureau_cap) end as over
    from weighed
),
wanted as (
    select *, case when idle then 0 else points * over end as want from bounded
),
summed as (
    select *, coalesce(sum(want) over unit, 0) as want_all,
        coalesce(sum(want) filter (where takes) over unit, 0) as want_taken
    from wanted window unit as (partition by unit_id)
),
cut as (
    -- twice: among those that can take, which counts, and among all, which says what the others gave back.
    select *,
        case when takes and want_taken > 0 then div(fen * want, want_taken) else 0 end as whole,
        case when takes and want_taken > 0 then mod(fen * want, want_taken) else 0 end as rest,
        case when want_all > 0 then div(fen * want, want_all) else 0 end as whole_all,
        case when want_all > 0 then mod(fen * want, want_all) else 0 end as rest_all
    from summed
),
ranked as (
    select *,
        row_number() over (partition by unit_id order by rest desc, seq) as turn,
        case when want_taken > 0 then fen - sum(whole) over unit else 0 end as left_over,
        row_number() over (partition by unit_id order by rest_all desc, seq) as turn_all,
        case when want_all > 0 then fen - sum(whole_all) over unit else 0 end as left_over_all
    from cut window unit as (partition by unit_id)
),
given as (
    select *, whole + (turn <= left_over)::int as got,
        case when takes then 0 else whole_all + (turn_all <= left_over_all)::int end as gave
    from ranked
),
bureau_shares as materialized (
    select unit_id, bureau_id, seq, score, points, people_points, round(points / 12, 10) as weight,
        round(over / under, 10) as coefficient,
        (got / 100)::numeric(15, 2) as amount,
        (gave / 100)::numeric(15, 2) as returned,
        -- Numbers as text: JSON's own would come back as floats. A unit's own ones stand in each of its bureaus.
        jsonb_build_object('scored', score is not null, 'ref', ref, 'example', is_example, 'takes', takes,
            'points', trim_scale(points)::text, 'sum_points', trim_scale(sum_points)::text,
            'sum_scored', trim_scale(sum_scored)::text, 'want_taken', trim_scale(want_taken)::text,
            'want_all', trim_scale(want_all)::text, 'floor', trim_scale(bureau_floor)::text,
            'cap', trim_scale(bureau_cap)::text, 'pool', (fen / 100)::numeric(15, 2)::text,
            'returned', (gave / 100)::numeric(15, 2)::text,
            'went_back', (sum(gave) over (partition by unit_id) / 100)::numeric(15, 2)::text) as terms
    from given
),
person_cut as (
    select p.*, s.amount as bureau_amount, s.people_points,
        case when s.people_points > 0 then div(s.amount * 100 * p.points * coalesce(p.factor, 0), s.people_points)
             else 0 end as whole,
        case when s.people_points > 0 then mod(s.amount * 100 * p.points * coalesce(p.factor, 0), s.people_points)
             else 0 end as rest
    from people p join bureau_shares s using (unit_id, bureau_id)
),
person_ranked as (
    select *, row_number() over (partition by unit_id, bureau_id order by rest desc, ord) as turn,
        case when people_points > 0 then bureau_amount * 100 - sum(whole) over bureau else 0 end as left_over
    from person_cut window bureau as (partition by unit_id, bureau_id)
),
person_shares as (
    select *, ((whole + (turn <= left_over)::int) / 100)::numeric(15, 2) as amount from person_ranked
)
