-- The original status is sealed (身份封存): changed only by a correction with reason and document, recorded with it.
create function staffing_keep_status() returns trigger language plpgsql as $$
begin
    if new.identity = old.identity and (new.original_rank = old.original_rank or old.original_rank = '') then
        return null;
    end if;
    if not exists (select from staffing_statuscorrection c
                   where c.person_id = new.id and c.identity_before = old.identity and c.rank_before = old.original_rank
                     and c.identity = new.identity and c.original_rank = new.original_rank
                     and c.recorded_at = transaction_timestamp()) then
        raise exception using errcode = '23514', constraint = 'STATUS-SEALED',
            message = '原身份和原职级已封存，更正须有理由和依据文号';
    end if;
    return null;
end $$;
create constraint trigger staffing_keep_status after update on staffing_person
    deferrable initially deferred for each row
    when (old.identity is distinct from new.identity or old.original_rank is distinct from new.original_rank)
    execute function staffing_keep_status();
create trigger staffing_keep_correction before update or delete on staffing_statuscorrection
    for each row execute function common_refuse_change('STATUS-SEALED', '身份更正的记录不能修改或删除');

-- What was so stays on file: a mistake is annulled.
create trigger staffing_keep before delete on staffing_absence
    for each row execute function common_refuse_change('FACT-KEPT', '记录不能删除，登记有误请作废');
create trigger staffing_keep before delete on staffing_secondment
    for each row execute function common_refuse_change('FACT-KEPT', '记录不能删除，登记有误请作废');
create trigger staffing_keep before delete on staffing_sanction
    for each row execute function common_refuse_change('FACT-KEPT', '记录不能删除，登记有误请作废');
create trigger staffing_keep before delete on staffing_inquiry
    for each row execute function common_refuse_change('FACT-KEPT', '记录不能删除，登记有误请作废');
create trigger staffing_keep before delete on staffing_kinship
    for each row execute function common_refuse_change('FACT-KEPT', '记录不能删除，登记有误请作废');
create trigger staffing_keep before update or delete on staffing_trial
    for each row execute function common_refuse_change('FACT-KEPT', '试用结果不能修改或删除');
create trigger staffing_keep before update or delete on staffing_stepchange
    for each row execute function common_refuse_change('FACT-KEPT', '档级变动不能修改或删除');

-- The day on which somebody of that birth date reaches the age of retiring, by the law in force when he
-- reaches its base age; null where no law is on file for that day.
create function staffing_retires_on(birth date, who text) returns date language sql stable as $$
    select (birth + make_interval(months => l.base_months + case l.step_months when 0 then 0 else
        least(l.cap_months, 1 + l.since / l.step_months) end))::date
    from (
        select r.*, (extract(year from b.base) - extract(year from lower(r.period)))::int * 12
                  + (extract(month from b.base) - extract(month from lower(r.period)))::int as since
        from staffing_retirementage r, lateral (select (birth + make_interval(months => r.base_months))::date as base) b
        where r."group" = who and r.period @> b.base
    ) l
$$;
-- reverse
drop function staffing_retires_on(date, text);
drop trigger staffing_keep on staffing_stepchange;
drop trigger staffing_keep on staffing_trial;
drop trigger staffing_keep on staffing_kinship;
drop trigger staffing_keep on staffing_inquiry;
drop trigger staffing_keep on staffing_sanction;
drop trigger staffing_keep on staffing_secondment;
drop trigger staffing_keep on staffing_absence;
drop trigger staffing_keep_correction on staffing_statuscorrection;
drop trigger staffing_keep_status on staffing_person;
drop function staffing_keep_status();
