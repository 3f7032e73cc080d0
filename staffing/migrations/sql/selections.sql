-- A selection round goes through the steps of its kind in their order (APT-02 competition among staff, APT-01 open
-- recruitment): none is skipped, none is gone back to, and each is entered only with what it needs. What is done
-- within a step is done during that step alone. Every path is bound: page, API, shell, raw SQL.

create function staffing_selection_rule(kind text) returns text language sql immutable as $$
    select case kind when 'open' then 'APT-01' else 'APT-02' end
$$;

create function staffing_selection_steps(kind text) returns text[] language sql immutable as $$
    select case kind
        when 'open' then '{draft,published,review,assessment,medical,notice,appointed}'::text[]
        else '{draft,published,review,assessment,notice,appointed}'::text[] end
$$;

create function staffing_selection_refuse(kind text, words text, about text default '') returns void
language plpgsql as $$
begin
    raise exception using errcode = '23514', constraint = staffing_selection_rule(kind),
        message = format('%s（%s）', words, staffing_selection_rule(kind)), detail = about;
end $$;

-- The steps themselves, and what of the plan stands still once it is published.
create function staffing_selection_moves() returns trigger language plpgsql as $$
declare
    steps text[] := staffing_selection_steps(new.kind);
begin
    if tg_op = 'INSERT' then
        if new.stage <> 'draft' then
            perform staffing_selection_refuse(new.kind, '竞聘须从方案开始');
        end if;
        return new;
    end if;
    if new.stage <> old.stage then
        if old.stage in ('appointed', 'cancelled') then
            perform staffing_selection_refuse(old.kind, '竞聘已结束，步骤不能再变');
        end if;
        if new.stage <> 'cancelled' and (array_position(steps, new.stage::text) is null
                or array_position(steps, new.stage::text) <> array_position(steps, old.stage::text) + 1) then
            perform staffing_selection_refuse(old.kind, '竞聘须按步骤依次办理，不能跳过或退回',
                format('%s → %s', old.stage, new.stage));
        end if;
    end if;
    if old.stage <> 'draft' and (new.unit_id, new.kind, new.whole_staff, new.written, new.interview, new.peer,
            new.pass_mark, new.apply_from, new.term_months, new.notice_workdays)
            is distinct from (old.unit_id, old.kind, old.whole_staff, old.written, old.interview, old.peer,
            old.pass_mark, old.apply_from, old.term_months, old.notice_workdays) then
        perform staffing_selection_refuse(old.kind, '方案已公布，不能再改');
    end if;
    if old.stage not in ('draft', 'published') and new.apply_until <> old.apply_until then
        perform staffing_selection_refuse(old.kind, '报名已截止，不能再改报名时间');
    end if;
    return new;
end $$;
create trigger staffing_selection_moves before insert or update on staffing_selection
    for each row execute function staffing_selection_moves();

create function staffing_selection_stays() returns trigger language plpgsql as $$
begin
    if old.stage <> 'draft' then
        perform staffing_selection_refuse(old.kind, '已公布的竞聘不能删除');
    end if;
    return old;
end $$;
create trigger staffing_selection_stays before delete on staffing_selection
    for each row execute function staffing_selection_stays();

-- What each step needs, judged when the transaction that enters it commits.
create function staffing_selection_ready() returns trigger language plpgsql as $$
declare
    missing text;
begin
    if new.stage = old.stage then
        return null;
    end if;
    if new.stage = 'published' and not exists (
            select from staffing_selectionpost p where p.selection_id = new.id) then
        perform staffing_selection_refuse(new.kind, '还没有竞聘岗位，不能公布');
    end if;
    if new.stage = 'review' and new.apply_until >= common_today() then
        perform staffing_selection_refuse(new.kind, '报名尚未截止');
    end if;
    if new.stage = 'assessment' then
        select string_agg(c.number::text, '、' order by c.number) into missing from staffing_candidate c
        where c.selection_id = new.id and not c.withdrawn and c.eligible is null;
        if missing is not null then
            perform staffing_selection_refuse(new.kind, '还有报名人员未作资格审查', missing);
        end if;
        if not exists (select from staffing_candidate c
                       where c.selection_id = new.id and not c.withdrawn and c.eligible) then
            perform staffing_selection_refuse(new.kind, '没有资格审查合格的报名人员');
        end if;
    end if;
    if old.stage = 'assessment' and new.stage <> 'cancelled' then
        perform staffing_selection_decided(new);
    end if;
    if new.stage = 'notice' then
        select string_agg(c.number::text, '、' order by c.number) into missing
        from staffing_candidate c join staffing_outcome o on o.candidate_id = c.id
        where new.kind = 'open' and c.selection_id = new.id and o.decided_id is not null and c.medical <> 'passed';
        if missing is not null then
            perform staffing_selection_refuse(new.kind, '还有拟聘人员体检未合格', missing);
        end if;
        if not exists (select from staffing_notice n where n.selection_id = new.id) then
            perform staffing_selection_refuse(new.kind, '没有公示，不能进入公示');
        end if;
    end if;
    if new.stage = 'appointed' then
        perform staffing_selection_effective(new);
    end if;
    return null;
end $$;

-- Everybody in the running has every score that counts, and a decision.
create function staffing_selection_decided(round staffing_selection) returns void language plpgsql as $$
declare
    missing text;
begin
    select string_agg(distinct c.number::text, '、') into missing
    from staffing_candidate c
    cross join (values ('written', round.written), ('interview', round.interview), ('peer', round.peer)) w(part, weight)
    where c.selection_id = round.id and c.eligible and not c.withdrawn and w.weight > 0 and not exists (
        select from staffing_score s where s.candidate_id = c.id and s.part = w.part and s.points is not null);
    if missing is not null then
        perform staffing_selection_refuse(round.kind, '还有考评得分未录入', missing);
    end if;
    select string_agg(c.number::text, '、' order by c.number) into missing from staffing_candidate c
    where c.selection_id = round.id and c.eligible and not c.withdrawn and not exists (
        select from staffing_outcome o where o.candidate_id = c.id and o.decided_at is not null);
    if missing is not null then
        perform staffing_selection_refuse(round.kind, '还有人员未作出决定', missing);
    end if;
end $$;

-- The notice is over, every objection is settled, and whoever was decided for a post has been appointed to it.
create function staffing_selection_effective(round staffing_selection) returns void language plpgsql as $$
declare
    missing text;
    until date;
begin
    select max(n.last_day) into until from staffing_notice n where n.selection_id = round.id;
    if until is null or until >= common_today() then
        perform staffing_selection_refuse(round.kind, '公示尚未期满', until::text);
    end if;
    if exists (select from staffing_objection j join staffing_notice n on n.id = j.notice_id
               where n.selection_id = round.id and j.state = 'open') then
        perform staffing_selection_refuse(round.kind, '还有异议未处理，不能聘任');
    end if;
    select string_agg(c.number::text, '、' order by c.number) into missing
    from staffing_candidate c join staffing_outcome o on o.candidate_id = c.id
    join staffing_selectionpost p on p.id = o.decided_id
    left join staffing_appointment a on a.id = o.appointment_id
    where c.selection_id = round.id and (a.id is null or a.post_id <> p.post_id
        or (c.person_id is not null and a.person_id <> c.person_id));
    if missing is not null then
        perform staffing_selection_refuse(round.kind, '还有拟聘人员未聘任到决定的岗位', missing);
    end if;
end $$;
create constraint trigger staffing_selection_ready after update on staffing_selection
    deferrable initially deferred for each row execute function staffing_selection_ready();

-- Locks the round that a change is within, so that its step cannot change meanwhile.
create function staffing_selection_of(selection bigint) returns staffing_selection language sql as $$
    select * from staffing_selection where id = selection for share
$$;

-- Posts on offer are those of the plan.
create function staffing_selectionpost_in_draft() returns trigger language plpgsql as $$
declare
    round staffing_selection;
begin
    round := staffing_selection_of(case tg_op when 'DELETE' then old.selection_id else new.selection_id end);
    if round.stage <> 'draft' then
        perform staffing_selection_refuse(round.kind, '方案已公布，竞聘岗位不能再改');
    end if;
    return case tg_op when 'DELETE' then old else new end;
end $$;
create trigger staffing_selectionpost_in_draft before insert or update or delete on staffing_selectionpost
    for each row execute function staffing_selectionpost_in_draft();

create function staffing_candidate_in_step() returns trigger language plpgsql as $$
declare
    round staffing_selection;
begin
    if tg_op = 'DELETE' then
        round := staffing_selection_of(old.selection_id);
        perform staffing_selection_refuse(round.kind, '报名记录不能删除，只能撤回');
    end if;
    round := staffing_selection_of(new.selection_id);
    if exists (select from staffing_selectionpost p
               where p.id in (new.first_id, new.second_id) and p.selection_id <> new.selection_id) then
        perform staffing_selection_refuse(round.kind, '志愿须是本次竞聘的岗位');
    end if;
    if tg_op = 'INSERT' then
        if round.stage <> 'published' or new.eligible is not null or new.medical <> '' then
            perform staffing_selection_refuse(round.kind, '只能在公布报名期间报名');
        end if;
        return new;
    end if;
    if (new.selection_id, new.number, new.person_id, new.applicant_id)
            is distinct from (old.selection_id, old.number, old.person_id, old.applicant_id) then
        perform staffing_selection_refuse(round.kind, '报名人员和序号不能改');
    end if;
    if round.stage <> 'published' and (new.first_id, new.second_id, new.accepts_another, new.nominated)
            is distinct from (old.first_id, old.second_id, old.accepts_another, old.nominated) then
        perform staffing_selection_refuse(round.kind, '报名已截止，志愿不能再改');
    end if;
    if round.stage <> 'review' and (new.eligible, new.eligibility_note)
            is distinct from (old.eligible, old.eligibility_note) then
        perform staffing_selection_refuse(round.kind, '资格审查结论只能在资格审查期间作出');
    end if;
    if round.stage <> 'medical' and new.medical <> old.medical then
        perform staffing_selection_refuse(round.kind, '体检结果只能在体检期间登记');
    end if;
    if new.withdrawn <> old.withdrawn and not (round.stage = 'published'
            or (new.withdrawn and round.stage in ('review', 'assessment', 'medical')
                and not exists (select from staffing_outcome o
                                where o.candidate_id = new.id and o.decided_id is not null))) then
        perform staffing_selection_refuse(round.kind, '此时不能撤回报名');
    end if;
    return new;
end $$;
create trigger staffing_candidate_in_step before insert or update or delete on staffing_candidate
    for each row execute function staffing_candidate_in_step();

create function staffing_score_in_step() returns trigger language plpgsql as $$
declare
    who staffing_candidate;
    round staffing_selection;
begin
    select * into who from staffing_candidate
    where id = case tg_op when 'DELETE' then old.candidate_id else new.candidate_id end;
    round := staffing_selection_of(who.selection_id);
    if round.stage <> 'assessment' or tg_op = 'DELETE' or who.withdrawn or who.eligible is not true then
        perform staffing_selection_refuse(round.kind, '得分只能在考评期间为资格审查合格的人员录入');
    end if;
    return new;
end $$;
create trigger staffing_score_in_step before insert or update or delete on staffing_score
    for each row execute function staffing_score_in_step();

create function staffing_outcome_in_step() returns trigger language plpgsql as $$
declare
    who staffing_candidate;
    round staffing_selection;
begin
    select * into who from staffing_candidate
    where id = case tg_op when 'DELETE' then old.candidate_id else new.candidate_id end;
    round := staffing_selection_of(who.selection_id);
    if tg_op = 'DELETE' then
        if round.stage <> 'assessment' then
            perform staffing_selection_refuse(round.kind, '考评已结束，结果不能删除');
        end if;
        return old;
    end if;
    if exists (select from staffing_selectionpost p
               where p.id in (new.proposed_id, new.decided_id) and p.selection_id <> who.selection_id) then
        perform staffing_selection_refuse(round.kind, '拟聘岗位须是本次竞聘的岗位');
    end if;
    if who.eligible is not true or who.withdrawn then
        perform staffing_selection_refuse(round.kind, '资格审查未通过或已撤回的人员不能拟聘');
    end if;
    if tg_op = 'INSERT' then
        if round.stage <> 'assessment' or new.appointment_id is not null then
            perform staffing_selection_refuse(round.kind, '结果只能在考评期间提出');
        end if;
    elsif round.stage = 'notice' then
        -- During the notice an upheld objection may take a post away; the last act appoints.
        if (new.candidate_id, new.total, new.rank, new.proposed_id, new.reason)
                is distinct from (old.candidate_id, old.total, old.rank, old.proposed_id, old.reason)
                or (new.decided_id is distinct from old.decided_id and new.decided_id is not null) then
            perform staffing_selection_refuse(round.kind, '公示期间结果不能改');
        end if;
    elsif round.stage = 'medical' then
        if (new.total, new.rank, new.proposed_id, new.appointment_id)
                is distinct from (old.total, old.rank, old.proposed_id, old.appointment_id) then
            perform staffing_selection_refuse(round.kind, '考评已结束，得分和建议不能改');
        end if;
    elsif round.stage <> 'assessment' or new.appointment_id is not null then
        perform staffing_selection_refuse(round.kind, '此时结果不能改');
    end if;
    return new;
end $$;
create trigger staffing_outcome_in_step before insert or update or delete on staffing_outcome
    for each row execute function staffing_outcome_in_step();

-- No post is decided for more people than it has seats on offer.
create function staffing_outcome_seats() returns trigger language plpgsql as $$
declare
    offer record;
begin
    if new.decided_id is null then
        return null;
    end if;
    select p.seats, s.kind, (select count(*) from staffing_outcome o where o.decided_id = p.id) as n into offer
    from staffing_selectionpost p join staffing_selection s on s.id = p.selection_id where p.id = new.decided_id;
    if offer.n > offer.seats then
        perform staffing_selection_refuse(offer.kind, '拟聘人数超过该岗位公布的人数',
            format('%s > %s', offer.n, offer.seats));
    end if;
    return null;
end $$;
create constraint trigger staffing_outcome_seats after insert or update on staffing_outcome
    deferrable initially deferred for each row execute function staffing_outcome_seats();

-- A notice is published on its day, during the step 公示, for as many working days as the plan says; then it stands.
create function staffing_notice_stands() returns trigger language plpgsql as $$
declare
    round staffing_selection;
    n int;
begin
    if tg_op <> 'INSERT' then
        round := staffing_selection_of(old.selection_id);
        perform staffing_selection_refuse(round.kind, '已发布的公示不能改，也不能删除');
    end if;
    round := staffing_selection_of(new.selection_id);
    if round.stage <> 'notice' then
        perform staffing_selection_refuse(round.kind, '公示只能在考评（体检）之后发布');
    end if;
    if new.published_on <> common_today() then
        perform staffing_selection_refuse(round.kind, '公示的发布日期须是当日');
    end if;
    n := common_count_workdays(new.first_day, new.last_day);
    if n < round.notice_workdays then
        raise exception using errcode = '23514', constraint = 'APT-10',
            message = format('公示期须不少于 %s 个工作日，现为 %s 个（APT-09、APT-10）', round.notice_workdays, n);
    end if;
    return new;
end $$;
create trigger staffing_notice_stands before insert or update or delete on staffing_notice
    for each row execute function staffing_notice_stands();

-- An objection is raised while its notice is up, settled once, and kept.
create function staffing_objection_kept() returns trigger language plpgsql as $$
declare
    paper staffing_notice;
    round staffing_selection;
begin
    select * into paper from staffing_notice
    where id = case tg_op when 'DELETE' then old.notice_id else new.notice_id end;
    round := staffing_selection_of(paper.selection_id);
    if tg_op = 'DELETE' then
        perform staffing_selection_refuse(round.kind, '异议不能删除');
    end if;
    if new.candidate_id is not null and not exists (
            select from staffing_candidate c where c.id = new.candidate_id and c.selection_id = paper.selection_id) then
        perform staffing_selection_refuse(round.kind, '异议所涉人员不在本次公示中');
    end if;
    if tg_op = 'INSERT' then
        if round.stage <> 'notice' or new.state <> 'open'
                or new.raised_on not between paper.first_day and paper.last_day then
            perform staffing_selection_refuse(round.kind, '异议须在公示期内提出');
        end if;
    elsif old.state <> 'open' or (new.notice_id, new.candidate_id, new.raised_on, new.raised_by_id)
            is distinct from (old.notice_id, old.candidate_id, old.raised_on, old.raised_by_id) then
        perform staffing_selection_refuse(round.kind, '已处理的异议不能再改');
    end if;
    return new;
end $$;
create trigger staffing_objection_kept before insert or update or delete on staffing_objection
    for each row execute function staffing_objection_kept();
-- reverse
drop trigger staffing_objection_kept on staffing_objection;
drop function staffing_objection_kept();
drop trigger staffing_notice_stands on staffing_notice;
drop function staffing_notice_stands();
drop trigger staffing_outcome_seats on staffing_outcome;
drop function staffing_outcome_seats();
drop trigger staffing_outcome_in_step on staffing_outcome;
drop function staffing_outcome_in_step();
drop trigger staffing_score_in_step on staffing_score;
drop function staffing_score_in_step();
drop trigger staffing_candidate_in_step on staffing_candidate;
drop function staffing_candidate_in_step();
drop trigger staffing_selectionpost_in_draft on staffing_selectionpost;
drop function staffing_selectionpost_in_draft();
drop function staffing_selection_of(bigint);
drop trigger staffing_selection_ready on staffing_selection;
drop function staffing_selection_ready();
drop function staffing_selection_effective(staffing_selection);
drop function staffing_selection_decided(staffing_selection);
drop trigger staffing_selection_stays on staffing_selection;
drop function staffing_selection_stays();
drop trigger staffing_selection_moves on staffing_selection;
drop function staffing_selection_moves();
drop function staffing_selection_refuse(text, text, text);
drop function staffing_selection_steps(text);
drop function staffing_selection_rule(text);
