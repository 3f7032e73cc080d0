-- What no reason of a decision overrides: the conditions of a post as found in the check, and the published mark.
create function staffing_outcome_fit() returns trigger language plpgsql as $$
declare
    round staffing_selection;
begin
    if new.proposed_id is null and new.decided_id is null then
        return new;
    end if;
    select s.* into round from staffing_selection s join staffing_candidate c on c.selection_id = s.id
    where c.id = new.candidate_id;
    if exists (select from staffing_candidate_barred b
               where b.candidate_id = new.candidate_id and b.selectionpost_id in (new.proposed_id, new.decided_id)) then
        perform staffing_selection_refuse(round.kind, '资格审查认定不符合该岗位条件的，不能拟聘');
    end if;
    if new.total < round.pass_mark then
        perform staffing_selection_refuse(round.kind, '总分低于合格线的，不能拟聘');
    end if;
    return new;
end $$;
create trigger staffing_outcome_fit before insert or update on staffing_outcome
    for each row execute function staffing_outcome_fit();

create function staffing_barred_in_step() returns trigger language plpgsql as $$
declare
    round staffing_selection;
begin
    select s.* into round from staffing_selection s join staffing_candidate c on c.selection_id = s.id
    where c.id = case tg_op when 'DELETE' then old.candidate_id else new.candidate_id end;
    if round.stage <> 'review' then
        perform staffing_selection_refuse(round.kind, '资格审查结论只能在资格审查期间作出');
    end if;
    return case tg_op when 'DELETE' then old else new end;
end $$;
create trigger staffing_barred_in_step before insert or update or delete on staffing_candidate_barred
    for each row execute function staffing_barred_in_step();
-- reverse
drop trigger staffing_barred_in_step on staffing_candidate_barred;
drop function staffing_barred_in_step();
drop trigger staffing_outcome_fit on staffing_outcome;
drop function staffing_outcome_fit();
