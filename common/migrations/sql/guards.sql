-- Guards that every app's tables may hang on a trigger. Errors carry the
-- constraint's name and a sentence, which common/databases.py passes on to people.

-- A row that history leans on: refuse every change and removal.
-- Arguments: name of the constraint, sentence.
create function common_refuse_change() returns trigger language plpgsql as $$
begin
    raise exception using errcode = '23514', constraint = tg_argv[0], message = tg_argv[1];
end $$;

-- A dated row must lie within the periods of what it hangs on.
-- Arguments: parent table, parent key column, own key column, constraint, sentence.
create function common_check_covered() returns trigger language plpgsql as $$
declare
    key bigint := (to_jsonb(new) ->> tg_argv[2])::bigint;
    row_now jsonb;
    covered boolean;
begin
    -- Deferred: judge the row as it stands at COMMIT, not as it stood when queued.
    execute format('select to_jsonb(t) from %I.%I t where id = $1', tg_table_schema, tg_table_name)
        into row_now using new.id;
    if row_now is null or key is null then return null; end if;
    key := (row_now ->> tg_argv[2])::bigint;
    if key is null then return null; end if;
    execute format('select coalesce(range_agg(period) @> ($2)::daterange, false) from %I where %I = $1',
                   tg_argv[0], tg_argv[1])
        into covered using key, row_now ->> 'period';
    if not covered then
        raise exception using errcode = '23514', constraint = tg_argv[3], message = tg_argv[4],
            detail = format('%s %s %s', tg_table_name, new.id, row_now ->> 'period');
    end if;
    return null;
end $$;

-- The other side: a parent's period may not shrink away under what hangs on it.
-- Arguments: own key column, child table, child key column, constraint, sentence.
create function common_check_covers() returns trigger language plpgsql as $$
declare
    key bigint := (to_jsonb(old) ->> tg_argv[0])::bigint;
    offender text;
begin
    execute format(
        'select c.id || '' '' || c.period from %1$I c where c.%2$I = $1 and not coalesce('
        '(select range_agg(p.period) from %3$I.%4$I p where p.%5$I = $1) @> c.period, false) limit 1',
        tg_argv[1], tg_argv[2], tg_table_schema, tg_table_name, tg_argv[0])
        into offender using key;
    if offender is not null then
        raise exception using errcode = '23514', constraint = tg_argv[3], message = tg_argv[4],
            detail = format('%s %s', tg_argv[1], offender);
    end if;
    return null;
end $$;
-- reverse
drop function common_check_covers();
drop function common_check_covered();
drop function common_refuse_change();
