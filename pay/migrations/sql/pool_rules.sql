-- What schemes said of F13 and its cap in columns, as rules of their own: same values, same pools.
insert into pay_poolrule (scheme_id, unit_id, role, method, sequence, parameters)
select id, null::bigint, 'term', 'F13', 1, jsonb_build_object(
    'alpha', trim_scale(alpha)::text, 'weight_tax', trim_scale(weight_tax)::text,
    'weight_budget', trim_scale(weight_budget)::text, 'weight_gdp', trim_scale(weight_gdp)::text,
    'floor', trim_scale(floor)::text, 'cap', trim_scale(cap)::text)
from pay_scheme s where not exists (select from pay_poolrule r where r.scheme_id = s.id)
union all
select id, null::bigint, 'limit', 'F02', 1, jsonb_build_object('reference_multiple', trim_scale(reference_multiple)::text)
from pay_scheme s where not exists (select from pay_poolrule r where r.scheme_id = s.id);
-- reverse
update pay_scheme s set
    alpha = (r.parameters ->> 'alpha')::numeric, weight_tax = (r.parameters ->> 'weight_tax')::numeric,
    weight_budget = (r.parameters ->> 'weight_budget')::numeric, weight_gdp = (r.parameters ->> 'weight_gdp')::numeric,
    floor = (r.parameters ->> 'floor')::numeric, cap = (r.parameters ->> 'cap')::numeric
from pay_poolrule r where r.scheme_id = s.id and r.unit_id is null and r.method = 'F13';
update pay_scheme s set reference_multiple = (r.parameters ->> 'reference_multiple')::numeric
from pay_poolrule r where r.scheme_id = s.id and r.unit_id is null and r.method = 'F02';
update pay_scheme set alpha = 0, weight_tax = 1, weight_budget = 0, weight_gdp = 0, floor = 0, cap = 1 where alpha is null;
update pay_scheme set reference_multiple = 9 where reference_multiple is null;
delete from pay_poolrule;
