-- What a formula's parameters must be, whoever writes them: numbers of at least 0 where numbers are, weights that
-- sum to 1, no floor above its cap.
create function pay_check_rule() returns trigger language plpgsql as $$
declare
    numbers text[] := case new.method
        when 'F01' then array['multiple', 'base_part', 'post_part', 'performance_part']
        when 'F02' then array['reference_multiple']
        when 'F03' then array['rate']
        when 'F06' then array['rate', 'rate_missed', 'target_growth']
        else array['alpha', 'weight_tax', 'weight_budget', 'weight_gdp', 'floor', 'cap'] end;
    name text;
begin
    foreach name in array numbers loop
        if coalesce(new.parameters ->> name, '') !~ '^[0-9]+(\.[0-9]+)?$' then
            raise exception using errcode = '23514', constraint = 'PAY-PARAMETER',
                message = '公式参数须为不小于 0 的数字', detail = name;
        end if;
    end loop;
    if new.method = 'F13' and (new.parameters ->> 'weight_tax')::numeric + (new.parameters ->> 'weight_budget')::numeric
            + (new.parameters ->> 'weight_gdp')::numeric <> 1 then
        raise exception using errcode = '23514', constraint = 'PAY-WEIGHTS', message = '三项增幅的权重之和须为 1';
    end if;
    if new.method = 'F13' and (new.parameters ->> 'floor')::numeric > (new.parameters ->> 'cap')::numeric then
        raise exception using errcode = '23514', constraint = 'PAY-FLOOR-CAP', message = '联动下限不能高于上限';
    end if;
    return new;
end $$;
create trigger pay_rule_checked before insert or update on pay_poolrule
    for each row execute function pay_check_rule();

-- A scheme pays by at least one term for every unit: judged at COMMIT.
create function pay_judge_terms() returns trigger language plpgsql as $$
declare
    -- As JSON, because a scheme has no scheme_id.
    written jsonb := case tg_op when 'DELETE' then to_jsonb(old) else to_jsonb(new) end;
    touched bigint := (written ->> case tg_table_name when 'pay_scheme' then 'id' else 'scheme_id' end)::bigint;
begin
    if exists (select from pay_scheme where id = touched)
            and not exists (select from pay_poolrule where scheme_id = touched and unit_id is null and role = 'term')
            or exists (select from pay_poolrule where scheme_id = touched group by unit_id
                       having count(*) filter (where role = 'term') = 0) then
        raise exception using errcode = '23514', constraint = 'PAY-TERM', message = '绩效方案至少要有一个构成项';
    end if;
    return null;
end $$;
create constraint trigger pay_scheme_has_term after insert on pay_scheme
    deferrable initially deferred for each row execute function pay_judge_terms();
create constraint trigger pay_rule_leaves_term after insert or update or delete on pay_poolrule
    deferrable initially deferred for each row execute function pay_judge_terms();

-- A scheme by which a pool was computed stays as it was; only its last day may still be set.
create function pay_keep_scheme() returns trigger language plpgsql as $$
declare
    written jsonb := case tg_op when 'INSERT' then to_jsonb(new) else to_jsonb(old) end;
    kept bigint := (written ->> case tg_table_name when 'pay_scheme' then 'id' else 'scheme_id' end)::bigint;
begin
    if tg_table_name = 'pay_scheme' and tg_op = 'UPDATE' then
        if (to_jsonb(new) - 'period') = (to_jsonb(old) - 'period') and lower(new.period) = lower(old.period) then
            return new;
        end if;
    end if;
    if exists (select from pay_run where scheme_id = kept and state in ('computed', 'checked', 'approved', 'superseded')) then
        raise exception using errcode = '23514', constraint = 'PAY-SCHEME-KEPT',
            message = '已用于核算的绩效方案不能修改，请另立新版本';
    end if;
    return case tg_op when 'DELETE' then old else new end;
end $$;
create trigger pay_scheme_kept before update or delete on pay_scheme
    for each row execute function pay_keep_scheme();
create trigger pay_rule_kept before insert or update or delete on pay_poolrule
    for each row execute function pay_keep_scheme();
-- reverse
drop trigger pay_rule_kept on pay_poolrule;
drop trigger pay_scheme_kept on pay_scheme;
drop function pay_keep_scheme();
drop trigger pay_rule_leaves_term on pay_poolrule;
drop trigger pay_scheme_has_term on pay_scheme;
drop function pay_judge_terms();
drop trigger pay_rule_checked on pay_poolrule;
drop function pay_check_rule();
