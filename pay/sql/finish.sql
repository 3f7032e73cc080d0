-- The rows of runs that are done, all of a block in one statement. %(runs)s is a JSON list of their columns.
update pay_run r
set state = 'computed', finished_at = d.finished_at, scheme_id = d.scheme_id, input_hash = d.input_hash,
    inputs = d.inputs, pool = d.pool, uncapped = d.uncapped, lapsed = d.lapsed, reserve = d.reserve, returned = d.returned,
    provisional = d.provisional, remarks = d.remarks, trace = d.trace, corrects_id = d.corrects_id,
    difference = d.difference
from jsonb_to_recordset(%(runs)s::jsonb) as d (
    id bigint, finished_at timestamptz, scheme_id bigint, input_hash text, inputs jsonb, pool numeric, uncapped numeric,
    lapsed numeric, reserve numeric, returned numeric, provisional boolean, remarks jsonb, trace jsonb,
    corrects_id bigint, difference numeric)
where r.id = d.id
