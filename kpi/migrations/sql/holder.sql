-- A city judges its zones and parks, so their cards belong to a year of the city's. What a zone's year
-- holds of them moves there; a closed year stays as it was said, only under whom it is kept changes.
alter table kpi_scorecard disable trigger kpi_scorecard_open;
with moving as (
    select distinct c.id, c.year, c.state, v.parent_id as city
    from kpi_cycle c
    join zones_unitversion v on v.unit_id = c.holder_id and v.period @> make_date(c.year, 12, 31)
    where exists (select from kpi_scorecard s where s.cycle_id = c.id and s.kind = 'unit')
), made as (
    insert into kpi_cycle (holder_id, year, state)
    select city, year, case when bool_and(state = 'closed') then 'closed' else 'open' end
    from moving where city is not null group by city, year
    on conflict (holder_id, year) do update set state = kpi_cycle.state
    returning id, holder_id, year
)
update kpi_scorecard s set cycle_id = made.id
from moving join made on made.holder_id = moving.city and made.year = moving.year
where s.cycle_id = moving.id and s.kind = 'unit';
-- What the move leaves to be checked, before the table may be altered again.
set constraints all immediate;
alter table kpi_scorecard enable trigger kpi_scorecard_open;
-- reverse
-- What a city judged stays with the city.
select 1;
