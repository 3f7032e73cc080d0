-- The working calendar: what of each announced year is a holiday, and which weekends are worked to make up for it.
create table common_workyear (year int primary key, holidays date[] not null, make_up_days date[] not null);

-- The day it is in China, whatever the session's time zone.
create function common_today() returns date language sql stable as $$
    select (now() at time zone 'Asia/Shanghai')::date
$$;

-- Working days from first to last, both included; raises for a year whose calendar is not known.
create function common_count_workdays(first date, last date) returns int language plpgsql stable as $$
declare
    unknown int;
    found int;
begin
    select y into unknown from generate_series(extract(year from first)::int, extract(year from last)::int) y
    where not exists (select from common_workyear w where w.year = y) limit 1;
    if unknown is not null then
        raise exception using errcode = '23514', constraint = 'WORKDAYS',
            message = format('%s 年的放假安排尚未收录，无法推算工作日', unknown);
    end if;
    select count(*) into found
    from generate_series(first, last, interval '1 day') d(day)
    join common_workyear w on w.year = extract(year from d.day)::int
    where d.day::date = any (w.make_up_days)
       or (extract(isodow from d.day) < 6 and d.day::date <> all (w.holidays));
    return found;
end $$;
-- reverse
drop function common_count_workdays(date, date);
drop function common_today();
drop table common_workyear;
