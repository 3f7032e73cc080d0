-- What a charter limits becomes data, a row for each value that a rule asks for.
insert into orgchart_charterparameter (charter_id, rule, name, value)
select c.id, p.* from orgchart_charter c, lateral (values
    ('ORG-05', 'max_levels', c.max_tiers::numeric),
    ('ORG-05', 'sublevel_allowed', c.second_level_allowed::integer::numeric),
    ('ORG-06', 'min_ratio', c.min_core_ratio),
    ('ORG-07', 'duplicates_allowed', c.duplicates_allowed::integer::numeric)) p;
-- The columns are dropped next, and no check may be waiting then.
set constraints all immediate;
set constraints all deferred;
-- reverse
-- What a charter did not state limited nothing.
update orgchart_charter c set
    max_tiers = coalesce(s.levels, 9), second_level_allowed = coalesce(s.sublevel, 1) = 1,
    min_core_ratio = coalesce(s.ratio, 0), duplicates_allowed = coalesce(s.duplicates, 1) = 1
from (
    select k.id,
        max(p.value) filter (where p.rule = 'ORG-05' and p.name = 'max_levels') as levels,
        max(p.value) filter (where p.rule = 'ORG-05' and p.name = 'sublevel_allowed') as sublevel,
        max(p.value) filter (where p.rule = 'ORG-06' and p.name = 'min_ratio') as ratio,
        max(p.value) filter (where p.rule = 'ORG-07' and p.name = 'duplicates_allowed') as duplicates
    from orgchart_charter k left join orgchart_charterparameter p on p.charter_id = k.id group by k.id) s
where s.id = c.id;
set constraints all immediate;
set constraints all deferred;
