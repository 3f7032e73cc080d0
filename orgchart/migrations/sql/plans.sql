-- A plan takes its steps in order (ORG-13), each once, by different hands, on a check that still holds;
-- what was decided stays as it was decided. Held here for page, API, shell and raw SQL alike.

-- Whatever notes a zone for judging has changed its structure: the counter by which a check knows that it is old.
create function orgchart_count_revision() returns trigger language plpgsql as $$
begin
    insert into orgchart_structurerevision (zone_id, number) values (new.zone_id, 1)
    on conflict (zone_id) do update set number = orgchart_structurerevision.number + 1;
    return null;
end $$;
create trigger orgchart_count_revision after insert on orgchart_pendingcheck
    for each row when (new.scope = 'structure') execute function orgchart_count_revision();

-- Who bears what belongs to the structure too: of the area's zone, and of the bearer's.
create function orgchart_note_duty() returns trigger language plpgsql as $$
declare
    touched bigint[] := '{}';
begin
    if tg_op <> 'DELETE' then
        touched := touched || array(
            select orgchart_zones_of(u) from (
                select new.area_id union select v.unit_id from orgchart_bureauversion v where v.bureau_id = new.bureau_id
            ) x(u));
    end if;
    if tg_op <> 'INSERT' then
        touched := touched || array(
            select orgchart_zones_of(u) from (
                select old.area_id union select v.unit_id from orgchart_bureauversion v where v.bureau_id = old.bureau_id
            ) x(u));
    end if;
    perform orgchart_note(touched);
    return null;
end $$;
create trigger orgchart_note after insert or update or delete on orgchart_dutyassignment
    for each row execute function orgchart_note_duty();

create function orgchart_refuse_plan(rule text, said text, told text default '') returns void language plpgsql as $$
begin
    raise exception using errcode = '23514', constraint = rule, message = said, detail = coalesce(told, '');
end $$;

-- A plan begins as a draft, counts its own versions, and is frozen once decided.
create function orgchart_check_plan() returns trigger language plpgsql as $$
declare
    last text;
begin
    if tg_op = 'INSERT' then
        if new.stage <> 'draft' or new.version <> 1 then
            perform orgchart_refuse_plan('ORG-13', '方案从动议开始（ORG-13）');
        end if;
        return new;
    end if;
    if old.stage in ('approved', 'withdrawn', 'refused') then
        perform orgchart_refuse_plan('PLAN-KEPT', '方案已办结，不能再更改');
    end if;
    if new.zone_id <> old.zone_id or new.code <> old.code or new.drafted_by_id <> old.drafted_by_id
       or new.drafted_at <> old.drafted_at then
        perform orgchart_refuse_plan('PLAN-KEPT', '方案的开发区、编号和起草人不能更改');
    end if;
    if (new.title, new.reason, new.effective_on) is distinct from (old.title, old.reason, old.effective_on) then
        if old.stage not in ('draft', 'reviewed') then
            perform orgchart_refuse_plan('PLAN-FROZEN', '方案已作出决定，不能再修改');
        end if;
        new.version := old.version + 1;
    elsif new.version <> old.version and new.version <> old.version + 1 then
        perform orgchart_refuse_plan('PLAN-KEPT', '方案的版次由系统编排');
    end if;
    if new.stage <> old.stage then
        select s.stage into last from orgchart_planstep s where s.plan_id = new.id order by s.id desc limit 1;
        if last is distinct from new.stage then
            perform orgchart_refuse_plan('ORG-13', '方案的环节须逐项办理，不能直接更改（ORG-13）');
        end if;
    elsif new.instrument_id is distinct from old.instrument_id then
        perform orgchart_refuse_plan('PLAN-KEPT', '批文随批复登记，不能另行更改');
    end if;
    return new;
end $$;
create trigger orgchart_check_plan before insert or update on orgchart_plan
    for each row execute function orgchart_check_plan();
create trigger orgchart_keep_plan before delete on orgchart_plan
    for each row execute function common_refuse_change('PLAN-KEPT', '方案须存档，不能删除；不再办理的请撤回');

-- At COMMIT every plan has been moved, by its drafter.
create function orgchart_check_moved() returns trigger language plpgsql as $$
begin
    if not exists (select from orgchart_planstep s where s.plan_id = new.id and s.stage = 'draft'
                   and s.by_id = new.drafted_by_id) then
        perform orgchart_refuse_plan('ORG-13', '方案须有起草人的动议（ORG-13）', new.code);
    end if;
    return null;
end $$;
create constraint trigger orgchart_plan_moved after insert on orgchart_plan
    deferrable initially deferred for each row execute function orgchart_check_moved();

-- A change of the changes is a new version of the plan.
create function orgchart_check_change() returns trigger language plpgsql as $$
declare
    plan bigint := case tg_op when 'DELETE' then old.plan_id else new.plan_id end;
begin
    if tg_op = 'UPDATE' and new.plan_id <> old.plan_id then
        perform orgchart_refuse_plan('PLAN-KEPT', '调整事项不能移到另一方案');
    end if;
    update orgchart_plan set version = version + 1 where id = plan and stage in ('draft', 'reviewed');
    if not found then
        perform orgchart_refuse_plan('PLAN-FROZEN', '方案已作出决定，不能再修改');
    end if;
    return case tg_op when 'DELETE' then old else new end;
end $$;
create trigger orgchart_check_change before insert or update or delete on orgchart_planchange
    for each row execute function orgchart_check_change();

-- Who may follow whom.
create function orgchart_may_follow(before text, after text) returns boolean language sql immutable as $$
    select case
        when before is null then after = 'draft'
        when before = 'draft' then after in ('reviewed', 'withdrawn')
        when before = 'reviewed' then after in ('decided', 'refused', 'withdrawn')
        when before = 'decided' then after in ('approved', 'refused', 'withdrawn')
        else false
    end
$$;

create function orgchart_check_step() returns trigger language plpgsql as $$
declare
    plan orgchart_plan;
    last orgchart_planstep;
    issued date;
    revision bigint;
begin
    -- One at a time: whoever comes second finds what the first has done.
    select * into plan from orgchart_plan where id = new.plan_id for no key update;
    select * into last from orgchart_planstep s where s.plan_id = new.plan_id order by s.id desc limit 1;
    if not orgchart_may_follow(last.stage, new.stage) then
        perform orgchart_refuse_plan('ORG-13', '方案须依次经过动议、论证、审议决定、批复，不得跳过或重复（ORG-13）',
                                     format('%s → %s', coalesce(last.stage, ''), new.stage));
    end if;
    if new.at < last.at or new.at > clock_timestamp() + interval '1 minute'
       or new.decided_on < last.decided_on
       or new.decided_on > (new.at at time zone 'Asia/Shanghai')::date then
        perform orgchart_refuse_plan('ORG-13', '各环节的日期须先后有序，且不晚于办理之日（ORG-13）',
                                     new.decided_on::text);
    end if;
    if new.stage = 'draft' and new.by_id <> plan.drafted_by_id then
        perform orgchart_refuse_plan('ORG-13', '动议由起草人提出（ORG-13）');
    end if;
    if new.stage in ('decided', 'approved', 'refused') and new.by_id = plan.drafted_by_id then
        perform orgchart_refuse_plan('PLAN-OWN', '起草人不能审议或批复自己的方案');
    end if;
    if new.stage = 'approved' and exists (select from orgchart_planstep s where s.plan_id = new.plan_id
                                          and s.stage = 'decided' and s.by_id = new.by_id) then
        perform orgchart_refuse_plan('PLAN-OWN', '审议决定与批复须由不同的人办理');
    end if;
    if new.version <> plan.version then
        perform orgchart_refuse_plan('PLAN-STALE', '方案已有改动，请核对最新版后再办理', plan.version::text);
    end if;
    if new.stage in ('reviewed', 'decided', 'approved') then
        select coalesce((select r.number from orgchart_structurerevision r where r.zone_id = plan.zone_id), 0)
            into revision;
        if not plan.checked_ok or plan.checked_version is distinct from plan.version
           or plan.checked_revision is distinct from revision then
            perform orgchart_refuse_plan('PLAN-CHECK', '方案须按现行机构设置校核通过后再办理');
        end if;
    end if;
    if (new.stage = 'approved') <> (new.instrument_id is not null) then
        perform orgchart_refuse_plan('ORG-02', '批复须有批文文号和日期（ORG-02）');
    end if;
    select issued_on into issued from zones_instrument where id = new.instrument_id;
    if issued > plan.effective_on then
        perform orgchart_refuse_plan('ORG-02', '生效日期不能早于批文日期（ORG-02）', issued::text);
    end if;
    return new;
end $$;
create trigger orgchart_check_step before insert on orgchart_planstep
    for each row execute function orgchart_check_step();

create function orgchart_take_step() returns trigger language plpgsql as $$
begin
    update orgchart_plan set stage = new.stage, instrument_id = new.instrument_id
    where id = new.plan_id and (stage <> new.stage or new.instrument_id is not null);
    return null;
end $$;
create trigger orgchart_take_step after insert on orgchart_planstep
    for each row execute function orgchart_take_step();
create trigger orgchart_keep_step before update or delete on orgchart_planstep
    for each row execute function common_refuse_change('PLAN-KEPT', '方案的办理记录不能更改');

-- ORG-13 as the rules' page asks it: an approved plan in force on the day that did not go the whole way.
create function orgchart_org_13(zone bigint, day date)
returns table (unit_id bigint, ref text, subject text, facts jsonb, excess numeric) language sql stable as $$
    select p.zone_id, 'plan:' || p.code, p.title::text,
           jsonb_build_object('steps', coalesce(w.steps, 0)), (4 - coalesce(w.steps, 0))::numeric
    from orgchart_plan p
    left join lateral (
        select count(*) filter (where s.stage in ('draft', 'reviewed', 'decided', 'approved')) as steps
        from orgchart_planstep s where s.plan_id = p.id) w on true
    where p.zone_id = zone and p.stage = 'approved' and p.effective_on <= day and coalesce(w.steps, 0) < 4
$$;
insert into orgchart_hardrule (rule_id, measure, finder, sentence, scope) values
    ('ORG-13', 'steps', 'orgchart_org_13', '机构调整须经动议、论证、审议决定、批复', 'structure');
-- reverse
delete from orgchart_hardrule where rule_id = 'ORG-13';
drop function orgchart_org_13(bigint, date);
drop trigger orgchart_keep_step on orgchart_planstep;
drop trigger orgchart_take_step on orgchart_planstep;
drop function orgchart_take_step();
drop trigger orgchart_check_step on orgchart_planstep;
drop function orgchart_check_step();
drop function orgchart_may_follow(text, text);
drop trigger orgchart_check_change on orgchart_planchange;
drop function orgchart_check_change();
drop trigger orgchart_plan_moved on orgchart_plan;
drop function orgchart_check_moved();
drop trigger orgchart_keep_plan on orgchart_plan;
drop trigger orgchart_check_plan on orgchart_plan;
drop function orgchart_check_plan();
drop function orgchart_refuse_plan(text, text, text);
drop trigger orgchart_note on orgchart_dutyassignment;
drop function orgchart_note_duty();
drop trigger orgchart_count_revision on orgchart_pendingcheck;
drop function orgchart_count_revision();
