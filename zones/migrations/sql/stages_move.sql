-- What was one column is the first row of a project's history.
insert into zones_projectstage (project_id, stage, as_of, note, source, is_example)
select id, stage, as_of, '', source, is_example from zones_project;
-- reverse
update zones_project p set stage = s.stage, as_of = s.as_of
from zones_projectstage s
where s.project_id = p.id and s.as_of = (select max(x.as_of) from zones_projectstage x where x.project_id = p.id);
