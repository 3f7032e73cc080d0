-- What the rules of appointments find. All days at once: a change of the roster is judged by its rules alone, and a
-- roster has thousands of days on which something begins or ends. What a charter does not state judges nothing.

-- Every appointment of the zone with the post it is on, cut where the post changes: ``held`` is all of it.
create function staffing_appointments_of(zone bigint)
returns table (
    id bigint, person_id bigint, staff_no text, name text, identity text, unit_id bigint, bureau_id bigint, post_id bigint,
    tier text, is_head boolean, kind text, hire text, regime text, held daterange, period daterange, decided_on date,
    term_ends date, probation_ends date, end_reason text, notified_on date)
language sql stable as $$
    select a.id, a.person_id, p.staff_no::text, p.name::text, p.identity::text, v.unit_id, v.bureau_id, a.post_id,
           t.kind::text, v.is_head, a.kind::text, a.hire::text, a.regime::text, a.period, a.period * v.period * m.period,
           a.decided_on, a.term_ends, a.probation_ends, a.end_reason::text, a.notified_on
    from orgchart_membership(zone) m
    join staffing_postversion v on v.unit_id = m.unit_id and v.period && m.period
    join staffing_appointment a on a.post_id = v.post_id and a.period && v.period and a.period && m.period
    join staffing_person p on p.id = a.person_id
    join orgchart_tier t on t.id = v.tier_id
    where not isempty(a.period * v.period * m.period)
$$;

-- The same once each, as it began: its post's place on the first day.
create function staffing_terms_of(zone bigint)
returns table (
    id bigint, person_id bigint, staff_no text, name text, identity text, unit_id bigint, post_id bigint, tier text,
    kind text, hire text, regime text, held daterange, starts date, decided_on date, term_ends date,
    probation_ends date, end_reason text, notified_on date)
language sql stable as $$
    select a.id, a.person_id, a.staff_no, a.name, a.identity, a.unit_id, a.post_id, a.tier, a.kind, a.hire, a.regime,
           a.held, lower(a.held), a.decided_on, a.term_ends, a.probation_ends, a.end_reason, a.notified_on
    from staffing_appointments_of(zone) a where a.period @> lower(a.held)
$$;

-- What the zone's charters state for a rule, and when.
create function staffing_stated(zone bigint, rule text, parameter text) returns table (value integer, period daterange)
language sql stable as $$
    select p.value::integer, c.period from orgchart_charter c join orgchart_charterparameter p on p.charter_id = c.id
    where c.zone_id = zone and p.rule = $2 and p.name = $3
$$;

-- Terms that were newly agreed: one after a transfer runs on with what is left of the old one.
create function staffing_new_terms_of(zone bigint)
returns table (staff_no text, name text, unit_id bigint, tier text, held daterange, starts date, term_ends date)
language sql stable as $$
    select a.staff_no, a.name, a.unit_id, a.tier, a.held, a.starts, a.term_ends from staffing_terms_of(zone) a
    where a.kind = 'primary' and a.regime = 'internal' and a.term_ends is not null
      and not exists (select from staffing_appointment b
                      where b.person_id = a.person_id and b.kind = 'primary' and b.end_reason = 'transfer'
                        and upper(b.period) = a.starts)
$$;

create function staffing_apt_03(zone bigint)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    select a.unit_id, 'person:' || a.staff_no, a.name, jsonb_build_object('ends', a.term_ends, 'least', l.value), 1::numeric, a.held
    from staffing_new_terms_of(zone) a
    join staffing_stated(zone, 'APT-03', 'min_months') l on l.period @> a.starts
    where a.term_ends + 1 < a.starts + make_interval(months => l.value)
$$;

create function staffing_apt_04(zone bigint)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    select a.unit_id, 'person:' || a.staff_no, a.name, jsonb_build_object('months', m.value, 'ends', a.probation_ends), 1::numeric, a.held
    from staffing_terms_of(zone) a
    join staffing_stated(zone, 'APT-04', 'months') m on m.period @> a.starts
    join staffing_stated(zone, 'APT-04', 'contract_months') c on c.period @> a.starts
    where a.hire = 'first_job' and a.regime = 'internal' and a.kind = 'primary'
      and a.term_ends + 1 >= a.starts + make_interval(months => c.value)
      and (a.probation_ends + 1) is distinct from (a.starts + make_interval(months => m.value))::date
$$;

create function staffing_apt_05(zone bigint)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    select a.unit_id, 'person:' || a.staff_no, a.name, jsonb_build_object('most', m.value, 'ends', a.probation_ends), 1::numeric, a.held
    from staffing_terms_of(zone) a
    join lateral staffing_stated(zone, 'APT-05', case when a.hire in ('general', 'special') then a.hire
                                                 else 'fresh_graduate' end) m on m.period @> a.starts
    where a.regime = 'internal' and a.hire not in ('first_job', 'promotion')
      and a.probation_ends + 1 > a.starts + make_interval(months => m.value)
$$;

-- Who may ask for a contract until he retires: long in one unit, and not far from retiring.
create function staffing_apt_07(zone bigint, day date)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric) language sql stable as $$
    with served as (
        select a.person_id, a.unit_id, a.staff_no, a.name, unnest(range_agg(a.period)) as span
        from staffing_appointments_of(zone) a where a.kind = 'primary' group by 1, 2, 3, 4
    )
    select s.unit_id, 'person:' || s.staff_no, s.name,
           jsonb_build_object('years', extract(year from age(day, lower(s.span)))), 1::numeric
    from served s
    join staffing_person p on p.id = s.person_id
    where s.span @> day
      and lower(s.span) + make_interval(
          years => orgchart_parameter(zone, day, 'APT-07', 'service_years')::integer) <= day
      and staffing_retires_on(p.birth_date, case when p.gender = 'M' then 'men' when exists (
              select from staffing_appointment x join staffing_postversion v on v.post_id = x.post_id and v.period @> day
              where x.person_id = p.id and x.period @> day and v.category = 'GQ') then 'worker_women'
              else 'cadre_women' end)
          between day and day + make_interval(
              years => orgchart_parameter(zone, day, 'APT-07', 'before_years')::integer) - interval '1 day'
$$;

create function staffing_apt_08_notice(zone bigint)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    select a.unit_id, 'person:' || a.staff_no, a.name, jsonb_build_object('days', d.value, 'notified', a.notified_on, 'last', upper(a.held) - 1),
           1::numeric, a.held
    from staffing_terms_of(zone) a
    join staffing_stated(zone, 'APT-08', 'notice') d on d.period @> (upper(a.held) - 1)
    where a.end_reason = 'unfit' and (a.notified_on is null or a.notified_on + d.value > upper(a.held) - 1)
$$;

create function staffing_apt_11(zone bigint)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    select a.unit_id, 'person:' || a.staff_no, a.name, jsonb_build_object('months', m.value, 'ends', a.probation_ends), 1::numeric, a.held
    from staffing_terms_of(zone) a
    join staffing_stated(zone, 'APT-11', 'months') m on m.period @> a.starts
    where a.hire = 'promotion' and a.tier in ('leader', 'head') and a.regime = 'internal' and a.kind = 'primary'
      and (a.probation_ends + 1) is distinct from (a.starts + make_interval(months => m.value))::date
$$;

create function staffing_apt_12(zone bigint)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    select a.unit_id, 'person:' || a.staff_no, a.name, jsonb_build_object('starts', a.starts, 'decided', a.decided_on), 1::numeric, a.held
    from staffing_terms_of(zone) a where a.decided_on > a.starts
$$;

create function staffing_apt_14_term(zone bigint)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    select a.unit_id, 'person:' || a.staff_no, a.name, jsonb_build_object('least', l.value, 'most', m.value, 'ends', a.term_ends), 1::numeric, a.held
    from staffing_terms_of(zone) a
    join staffing_stated(zone, 'APT-14', 'min_years') l on l.period @> a.starts
    join staffing_stated(zone, 'APT-14', 'max_years') m on m.period @> a.starts
    where a.regime = 'statutory'
      and (a.term_ends + 1 < a.starts + make_interval(years => l.value)
           or a.term_ends + 1 > a.starts + make_interval(years => m.value))
$$;

create function staffing_apt_14_probation(zone bigint)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    select a.unit_id, 'person:' || a.staff_no, a.name, jsonb_build_object('least', l.value, 'most', m.value), 1::numeric, a.held
    from staffing_terms_of(zone) a
    join staffing_stated(zone, 'APT-14', 'min_probation_months') l on l.period @> a.starts
    join staffing_stated(zone, 'APT-14', 'max_probation_months') m on m.period @> a.starts
    where a.regime = 'statutory'
      and (a.probation_ends is null or a.probation_ends + 1 < a.starts + make_interval(months => l.value)
           or a.probation_ends + 1 > a.starts + make_interval(months => m.value))
$$;

-- One leads the other directly: a head (or deputy) his bureau, a unit's leader its heads and those without a bureau,
-- a leader of the zone those of its parks.
create function staffing_apt_15(zone bigint)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    with kin as materialized (
        select least(k.person_id, k.relative_id) as one, greatest(k.person_id, k.relative_id) as other, k.period
        from staffing_kinship k where not k.annulled
    ), pairs as (
        select k.one as above, k.other as below, k.period from kin k union all select k.other, k.one, k.period from kin k
    ), held as materialized (
        select a.* from staffing_appointments_of(zone) a
        where a.person_id in (select one from kin union select other from kin)
    )
    select b.unit_id, 'person:' || b.staff_no, b.name, jsonb_build_object('superior', a.name), 1::numeric,
           k.period * a.period * b.period
    from pairs k
    join held a on a.person_id = k.above
    join held b on b.person_id = k.below and b.period && a.period
    where not isempty(k.period * a.period * b.period)
      and ((a.bureau_id = b.bureau_id and (a.is_head and not b.is_head or a.tier = 'head' and b.tier = 'staff'))
           or (a.tier = 'leader' and b.tier <> 'leader' and a.unit_id = b.unit_id
               and (b.tier = 'head' or b.bureau_id is null))
           or (a.tier = 'leader' and b.tier = 'leader' and a.unit_id = zone and b.unit_id <> zone))
$$;

-- While he is lent, nobody takes up a post of his own in another unit than his own.
create function staffing_apt_16(zone bigint)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    with away as (
        select s.person_id, s.home_unit_id, s.period from staffing_secondment s where not s.annulled
        union all
        select l.person_id, home.unit_id, l.held
        from staffing_terms_of(zone) l
        join staffing_appointments_of(zone) home
             on home.person_id = l.person_id and home.kind = 'primary' and home.period @> l.starts
        where l.kind = 'seconded'
    )
    select a.unit_id, 'person:' || a.staff_no, a.name, jsonb_build_object('home', home.short_name, 'starts', lower(a.held)), 1::numeric, a.period * s.period
    from away s
    join staffing_appointments_of(zone) a on a.person_id = s.person_id and a.kind = 'primary' and a.period && s.period
    left join lateral (select v.short_name from zones_unitversion v
                       where v.unit_id = s.home_unit_id order by v.period desc limit 1) home on true
    where a.unit_id <> s.home_unit_id
$$;

create function staffing_apt_17_term(zone bigint)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    select a.unit_id, 'person:' || a.staff_no, a.name, jsonb_build_object('months', m.value, 'ends', a.term_ends), 1::numeric, a.held
    from staffing_new_terms_of(zone) a
    join staffing_stated(zone, 'APT-17', 'term_months') m on m.period @> a.starts
    where a.term_ends + 1 <> (a.starts + make_interval(months => m.value))::date
$$;

create function staffing_apt_17_terms(zone bigint)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    with linked as (
        select a.*, upper(lag(a.held) over own) is distinct from a.starts as fresh
        from staffing_terms_of(zone) a where a.kind = 'primary' and a.tier = 'leader'
        window own as (partition by a.person_id, a.post_id order by a.starts)
    ), chained as (
        select l.*, count(*) filter (where l.fresh) over (partition by l.person_id, l.post_id order by l.starts) as chain
        from linked l
    ), counted as (
        select c.*, row_number() over (partition by c.person_id, c.post_id, c.chain order by c.starts) as number
        from chained c
    )
    select a.unit_id, 'person:' || a.staff_no, a.name, jsonb_build_object('number', a.number, 'most', m.value),
           (a.number - m.value)::numeric, a.held
    from counted a join staffing_stated(zone, 'APT-17', 'max_terms') m on m.period @> a.starts
    where a.number > m.value
$$;

create function staffing_apt_18(zone bigint)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    select a.unit_id, 'person:' || a.staff_no, a.name, jsonb_build_object('least', l.value, 'most', m.value, 'ends', a.term_ends), 1::numeric, a.held
    from staffing_new_terms_of(zone) a
    join staffing_stated(zone, 'APT-18', 'min_years') l on l.period @> a.starts
    join staffing_stated(zone, 'APT-18', 'max_years') m on m.period @> a.starts
    where a.term_ends + 1 < a.starts + make_interval(years => l.value)
       or a.term_ends + 1 > a.starts + make_interval(years => m.value)
$$;

-- Sanctions that the person's status does not know, or that last otherwise than the charter says.
create function staffing_sanctions_of(zone bigint)
returns table (unit_id bigint, staff_no text, name text, rule text, kind text, period daterange) language sql stable as $$
    select p.home_unit_id, p.staff_no::text, p.name::text,
           case when p.identity in ('civil_servant', 'managed') then 'ASM-14' else 'ASM-13' end, s.kind::text, s.period
    from staffing_sanction s
    join staffing_person p on p.id = s.person_id
    join orgchart_membership(zone) m on m.unit_id = p.home_unit_id and m.period @> lower(s.period)
    where not s.annulled
$$;

create function staffing_asm_period(zone bigint, rule text)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    select s.unit_id, 'person:' || s.staff_no, s.name, jsonb_build_object('months', m.value, 'ends', upper(s.period) - 1),
           1::numeric, s.period
    from staffing_sanctions_of(zone) s
    join lateral staffing_stated(zone, s.rule, s.kind || '_months') m on m.period @> lower(s.period)
    where s.rule = $2 and upper(s.period) <> (lower(s.period) + make_interval(months => m.value))::date
$$;

create function staffing_asm_13_period(zone bigint)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    select * from staffing_asm_period(zone, 'ASM-13')
$$;

create function staffing_asm_13_kind(zone bigint)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    select s.unit_id, 'person:' || s.staff_no, s.name, '{}'::jsonb, 1::numeric, s.period
    from staffing_sanctions_of(zone) s where s.rule = 'ASM-13' and s.kind in ('serious_demerit', 'demotion')
$$;

create function staffing_asm_14_period(zone bigint)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    select * from staffing_asm_period(zone, 'ASM-14')
$$;

create function staffing_asm_14_kind(zone bigint)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    select s.unit_id, 'person:' || s.staff_no, s.name, '{}'::jsonb, 1::numeric, s.period
    from staffing_sanctions_of(zone) s where s.rule = 'ASM-14' and s.kind in ('lower_post')
$$;

-- What of the roster was changed: its zones are judged by the roster's rules. A statement at a time, for files.
create function staffing_note(people bigint[], posts bigint[]) returns void language sql as $$
    select orgchart_note(array(
        select distinct z from (
            select v.unit_id from staffing_postversion v where v.post_id = any(posts)
            union select v.unit_id from staffing_appointment a join staffing_postversion v on v.post_id = a.post_id
                  where a.person_id = any(people)
            union select p.home_unit_id from staffing_person p where p.id = any(people)
        ) u(unit_id), lateral orgchart_zones_of(u.unit_id) z), 'roster')
$$;

create function staffing_note_people() returns trigger language plpgsql as $$
begin
    perform staffing_note(array(select distinct person_id from touched), '{}');
    return null;
end $$;
create function staffing_note_posts() returns trigger language plpgsql as $$
begin
    perform staffing_note('{}', array(select distinct post_id from touched));
    return null;
end $$;
create function staffing_note_kin() returns trigger language plpgsql as $$
begin
    perform staffing_note(array(select person_id from touched union select relative_id from touched), '{}');
    return null;
end $$;
create function staffing_note_person() returns trigger language plpgsql as $$
begin
    perform staffing_note(array[new.id], '{}');
    return null;
end $$;
create trigger staffing_note after update on staffing_person for each row
    when (old.identity is distinct from new.identity) execute function staffing_note_person();

create trigger staffing_note_people_insert after insert on staffing_appointment referencing new table as touched
    for each statement execute function staffing_note_people();

create trigger staffing_note_people_update after update on staffing_appointment referencing new table as touched
    for each statement execute function staffing_note_people();

create trigger staffing_note_posts_update after update on staffing_postversion referencing new table as touched
    for each statement execute function staffing_note_posts();

create trigger staffing_note_people_insert after insert on staffing_secondment referencing new table as touched
    for each statement execute function staffing_note_people();

create trigger staffing_note_people_update after update on staffing_secondment referencing new table as touched
    for each statement execute function staffing_note_people();

create trigger staffing_note_people_insert after insert on staffing_sanction referencing new table as touched
    for each statement execute function staffing_note_people();

create trigger staffing_note_people_update after update on staffing_sanction referencing new table as touched
    for each statement execute function staffing_note_people();

create trigger staffing_note_kin_insert after insert on staffing_kinship referencing new table as touched
    for each statement execute function staffing_note_kin();

create trigger staffing_note_kin_update after update on staffing_kinship referencing new table as touched
    for each statement execute function staffing_note_kin();

insert into orgchart_hardrule (rule_id, measure, finder, sentence, scope, spans) values
    ('APT-04', 'probation', 'staffing_apt_04', '初次就业的试用期不符合规定', 'roster', true),
    ('APT-05', 'probation', 'staffing_apt_05', '试用期超过规定', 'roster', true),
    ('APT-08', 'notice', 'staffing_apt_08_notice', '考核不合格解聘须提前书面通知', 'roster', true),
    ('APT-11', 'probation', 'staffing_apt_11', '提拔任职的试用期不符合规定', 'roster', true),
    ('APT-12', 'early', 'staffing_apt_12', '任职不能早于决定日期', 'roster', true),
    ('APT-14', 'term', 'staffing_apt_14_term', '聘任制公务员的合同期限不符合规定', 'roster', true),
    ('APT-14', 'probation', 'staffing_apt_14_probation', '聘任制公务员的试用期不符合规定', 'roster', true),
    ('APT-15', 'direct', 'staffing_apt_15', '有亲属关系的人员不得有直接上下级领导关系', 'roster', true),
    ('APT-16', 'home', 'staffing_apt_16', '借调挂职期间不改变人事关系', 'roster', true),
    ('ASM-13', 'period', 'staffing_asm_13_period', '处分期不符合规定', 'roster', true),
    ('ASM-13', 'kind', 'staffing_asm_13_kind', '处分种类不适用于该身份', 'roster', true),
    ('ASM-14', 'period', 'staffing_asm_14_period', '处分期不符合规定', 'roster', true),
    ('ASM-14', 'kind', 'staffing_asm_14_kind', '处分种类不适用于该身份', 'roster', true);
-- reverse
delete from orgchart_hardrule where finder like 'staffing_apt_%' or finder like 'staffing_asm_%';
drop trigger staffing_note on staffing_person;
drop trigger staffing_note_people_insert on staffing_appointment;
drop trigger staffing_note_people_update on staffing_appointment;
drop trigger staffing_note_posts_update on staffing_postversion;
drop trigger staffing_note_people_insert on staffing_secondment;
drop trigger staffing_note_people_update on staffing_secondment;
drop trigger staffing_note_people_insert on staffing_sanction;
drop trigger staffing_note_people_update on staffing_sanction;
drop trigger staffing_note_kin_insert on staffing_kinship;
drop trigger staffing_note_kin_update on staffing_kinship;
drop function staffing_note_person();
drop function staffing_note_kin();
drop function staffing_note_posts();
drop function staffing_note_people();
drop function staffing_note(bigint[], bigint[]);
drop function staffing_asm_14_kind(bigint);
drop function staffing_asm_14_period(bigint);
drop function staffing_asm_13_kind(bigint);
drop function staffing_asm_13_period(bigint);
drop function staffing_asm_period(bigint, text);
drop function staffing_sanctions_of(bigint);
drop function staffing_apt_18(bigint);
drop function staffing_apt_17_terms(bigint);
drop function staffing_apt_17_term(bigint);
drop function staffing_apt_16(bigint);
drop function staffing_apt_15(bigint);
drop function staffing_apt_14_probation(bigint);
drop function staffing_apt_14_term(bigint);
drop function staffing_apt_12(bigint);
drop function staffing_apt_11(bigint);
drop function staffing_apt_08_notice(bigint);
drop function staffing_apt_07(bigint, date);
drop function staffing_apt_05(bigint);
drop function staffing_apt_04(bigint);
drop function staffing_apt_03(bigint);
drop function staffing_new_terms_of(bigint);
drop function staffing_stated(bigint, text, text);
drop function staffing_terms_of(bigint);
drop function staffing_appointments_of(bigint);
