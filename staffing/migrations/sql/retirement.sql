-- A term that runs past the day of retiring, of an appointment that has no other end: nobody is appointed beyond it.
create function staffing_apt_07_past(zone bigint)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    select a.unit_id, 'person:' || a.staff_no, a.name, jsonb_build_object('ends', a.term_ends, 'retires', r.day),
           1::numeric, a.held
    from staffing_terms_of(zone) a
    join staffing_person p on p.id = a.person_id
    join staffing_postversion v on v.post_id = a.post_id and v.period @> a.starts
    cross join lateral (select staffing_retires_on(p.birth_date, case
        when p.gender = 'M' then 'men' when v.category = 'GQ' then 'worker_women' else 'cadre_women' end)) r(day)
    where a.end_reason = '' and a.kind = 'primary' and a.term_ends > r.day
$$;
insert into orgchart_hardrule (rule_id, measure, finder, sentence, scope, spans) values
    ('APT-07', 'past', 'staffing_apt_07_past', '聘期不能晚于退休日期', 'roster', true);

drop trigger staffing_note on staffing_person;
create trigger staffing_note after update on staffing_person for each row
    when ((old.identity, old.birth_date, old.gender) is distinct from (new.identity, new.birth_date, new.gender))
    execute function staffing_note_person();
-- reverse
drop trigger staffing_note on staffing_person;
create trigger staffing_note after update on staffing_person for each row
    when (old.identity is distinct from new.identity) execute function staffing_note_person();
delete from orgchart_hardrule where finder = 'staffing_apt_07_past';
drop function staffing_apt_07_past(bigint);
