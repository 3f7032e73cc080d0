-- Guards of what was in force: history is added to, never rewritten.

-- A dated row of law. Once its first day has come it cannot be removed, and of it nothing can change but its end,
-- which is set as long as it has not ended. Arguments: name of the constraint, sentence.
create function common_keep_law() returns trigger language plpgsql as $$
begin
    if lower(old.period) > current_date then
        return case tg_op when 'DELETE' then old else new end;
    end if;
    if tg_op = 'UPDATE' and to_jsonb(old) - 'period' = to_jsonb(new) - 'period' and (
            old.period = new.period
            or (lower(new.period) = lower(old.period) and upper(new.period) is not null
                and (upper(old.period) is null or upper(old.period) > current_date))) then
        return new;
    end if;
    raise exception using errcode = '23514', constraint = tg_argv[0], message = tg_argv[1],
        detail = format('%s %s %s', tg_table_name, old.id, old.period);
end $$;

-- A dated row that was in force is not removed; what it says may still be corrected.
create function common_keep_row() returns trigger language plpgsql as $$
begin
    if lower(old.period) > current_date then return old; end if;
    raise exception using errcode = '23514', constraint = tg_argv[0], message = tg_argv[1],
        detail = format('%s %s %s', tg_table_name, old.id, old.period);
end $$;
-- reverse
drop function common_keep_row();
drop function common_keep_law();
