-- DUTY-01 as the page of rules reports it: the same gaps that the trigger on the assignments refuses.
create function orgchart_duty_01(zone bigint)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric, period daterange)
language sql stable as $$
    select m.unit_id, 'duty:' || d.code, d.name::text,
           jsonb_build_object('area', m.name, 'subject_en', nullif(d.name_en, '')), 1::numeric, g.gap * m.period
    from orgchart_membership(zone) m
    join (select distinct duty_id, area_id from orgchart_dutyassignment) a on a.area_id = m.unit_id
    join orgchart_duty d on d.id = a.duty_id
    cross join lateral orgchart_duty_gaps(a.duty_id, a.area_id) g
    where not isempty(g.gap * m.period)
$$;

insert into orgchart_hardrule (rule_id, measure, finder, sentence, scope, spans) values
    ('DUTY-01', 'dropped', 'orgchart_duty_01', '职责一经承担不能中断，终止须有依据', 'structure', true);
-- reverse
delete from orgchart_hardrule where rule_id = 'DUTY-01';
drop function orgchart_duty_01(bigint);
