-- The law of a day stays what it was: charter, parameters, quotas, tiers and exceptions are closed, never rewritten.
create trigger orgchart_kept before update or delete on orgchart_charter
    for each row execute function common_keep_law('LAW-KEPT', '已生效的机构编制规定不能修改或删除，只能终止后另立');
create trigger orgchart_kept before update or delete on orgchart_quota
    for each row execute function common_keep_law('LAW-KEPT', '已生效的限额不能修改或删除，只能终止后另立');
create trigger orgchart_kept before update or delete on orgchart_tier
    for each row execute function common_keep_law('LAW-KEPT', '已生效的管理层级不能修改或删除，只能终止后另立');
create trigger orgchart_kept before update or delete on orgchart_ruleexception
    for each row execute function common_keep_law('LAW-KEPT', '已生效的例外不能修改或删除，只能终止后另立');

-- A charter's parameters come in the transaction that records it; until its first day they may still change.
create function orgchart_keep_parameter() returns trigger language plpgsql as $$
declare
    charter record;
begin
    for charter in select id, period, recorded_at from orgchart_charter
                   where id in (case when tg_op <> 'INSERT' then old.charter_id end,
                                case when tg_op <> 'DELETE' then new.charter_id end) loop
        if lower(charter.period) <= current_date and charter.recorded_at <> transaction_timestamp() then
            raise exception using errcode = '23514', constraint = 'LAW-KEPT',
                message = '已生效的机构编制规定，其参数不能增改或删除，只能另立规定',
                detail = format('orgchart_charter %s %s', charter.id, charter.period);
        end if;
    end loop;
    return case tg_op when 'DELETE' then old else new end;
end $$;
create trigger orgchart_kept before insert or update or delete on orgchart_charterparameter
    for each row execute function orgchart_keep_parameter();

create trigger orgchart_kept before delete on orgchart_bureauversion
    for each row execute function common_keep_row('BUREAU-KEPT', '存续过的机构不能删除，只能撤销');
create trigger orgchart_kept before delete on orgchart_dutyassignment
    for each row execute function common_keep_row('DUTY-KEPT', '生效过的职责分工不能删除，只能终止');
-- reverse
drop trigger orgchart_kept on orgchart_dutyassignment;
drop trigger orgchart_kept on orgchart_bureauversion;
drop trigger orgchart_kept on orgchart_charterparameter;
drop function orgchart_keep_parameter();
drop trigger orgchart_kept on orgchart_ruleexception;
drop trigger orgchart_kept on orgchart_tier;
drop trigger orgchart_kept on orgchart_quota;
drop trigger orgchart_kept on orgchart_charter;
