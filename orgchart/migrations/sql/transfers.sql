-- A transfer goes drafted -> handing over -> signed by both -> done, or is withdrawn before both have signed.
-- No step is taken twice or back; once a side has signed, what was signed stays as it is.

create function orgchart_transfer_refused(rule text, sentence text, code text) returns void language plpgsql as $$
begin
    raise exception using errcode = '23514', constraint = rule, message = sentence, detail = code;
end $$;

create function orgchart_transfer_steps() returns trigger language plpgsql as $$
declare
    signed int;
    steps constant text[] := '{started_on,done_on,withdrawn_on,withdrawn_why,version}';
begin
    if tg_op = 'DELETE' then
        perform orgchart_transfer_refused('TRANSFER-KEPT', '职责移交记录不能删除，可以撤回', old.code);
    end if;
    select count(*) into signed from orgchart_transfersignature where transfer_id = new.id;
    if tg_op = 'UPDATE' then
        if old.done_on is not null or old.withdrawn_on is not null then
            perform orgchart_transfer_refused('TRANSFER-CLOSED', '移交已完成或已撤回，不能再改', old.code);
        end if;
        if old.started_on is not null and new.started_on is distinct from old.started_on then
            perform orgchart_transfer_refused('TRANSFER-STEPS', '移交的环节不能退回或重做', old.code);
        end if;
        if signed > 0 and (to_jsonb(new) - steps) <> (to_jsonb(old) - steps) then
            perform orgchart_transfer_refused('TRANSFER-FROZEN', '已有一方签字，移交内容不能再改', old.code);
        end if;
        if new.drafted_on is distinct from old.drafted_on or new.code is distinct from old.code then
            perform orgchart_transfer_refused('TRANSFER-STEPS', '移交的编号和拟订日期不能更改', old.code);
        end if;
    elsif coalesce(new.started_on, new.done_on, new.withdrawn_on) is not null then
        perform orgchart_transfer_refused('TRANSFER-STEPS', '移交须先拟订，再启动', new.code);
    end if;
    if new.withdrawn_on is not null and signed >= 2 then
        perform orgchart_transfer_refused('TRANSFER-STEPS', '双方已签字的移交不能撤回', new.code);
    end if;
    if new.done_on is not null then
        if signed < 2 then
            perform orgchart_transfer_refused('TRANSFER-STEPS', '双方签字后才能完成移交', new.code);
        end if;
        if exists (select from orgchart_transfersignature where transfer_id = new.id and signed_on > new.done_on) then
            perform orgchart_transfer_refused('TRANSFER-STEPS', '完成日期不能早于签字日期', new.code);
        end if;
        if exists (select from orgchart_transferdispute where transfer_id = new.id and settled_on is null) then
            perform orgchart_transfer_refused('TRANSFER-DISPUTED', '还有未处理的争议', new.code);
        end if;
    end if;
    return coalesce(new, old);
end $$;
create trigger orgchart_transfer_steps before insert or update or delete on orgchart_dutytransfer
    for each row execute function orgchart_transfer_steps();

-- Whoever takes over is a bureau of that unit, or a town as a whole; whoever hands over by a bureau, one of its own.
create function orgchart_check_transfer_sides() returns trigger language plpgsql as $$
begin
    if new.to_bureau_id is null and not exists (select from zones_unit where id = new.to_unit_id and kind = 'town') then
        perform orgchart_transfer_refused('TRANSFER-TO', '职责只能移交给属地镇或一个职能机构', new.code);
    end if;
    if exists (select from (values (new.to_bureau_id, new.to_unit_id), (new.from_bureau_id, new.from_unit_id))
                      as side(bureau_id, unit_id)
               where side.bureau_id is not null and not exists (
                   select from orgchart_bureauversion v
                   where v.bureau_id = side.bureau_id and v.unit_id = side.unit_id)) then
        perform orgchart_transfer_refused('TRANSFER-TO', '移交机构或接收机构不在所填单位', new.code);
    end if;
    return null;
end $$;
create constraint trigger orgchart_transfer_sides after insert or update on orgchart_dutytransfer
    deferrable initially deferred for each row execute function orgchart_check_transfer_sides();

-- Parts of a transfer: frozen with the first signature. Arguments: the column that holds the transfer.
create function orgchart_transfer_part() returns trigger language plpgsql as $$
declare
    ids bigint[] := '{}';
    found text;
begin
    if tg_op <> 'INSERT' then ids := ids || (to_jsonb(old) ->> tg_argv[0])::bigint; end if;
    if tg_op <> 'DELETE' then ids := ids || (to_jsonb(new) ->> tg_argv[0])::bigint; end if;
    -- Held until COMMIT, so that nobody signs what is being changed.
    perform 1 from orgchart_dutytransfer where id = any(ids) order by id for share;
    select t.code into found from orgchart_dutytransfer t where t.id = any(ids)
        and (t.done_on is not null or t.withdrawn_on is not null
             or exists (select from orgchart_transfersignature s where s.transfer_id = t.id));
    if found is not null then
        perform orgchart_transfer_refused('TRANSFER-FROZEN', '已有一方签字，移交内容不能再改', found);
    end if;
    return coalesce(new, old);
end $$;
create trigger orgchart_transfer_part before insert or update or delete on orgchart_transferline
    for each row execute function orgchart_transfer_part('transfer_id');
create trigger orgchart_transfer_part before insert or update or delete on orgchart_dutytransfer_projects
    for each row execute function orgchart_transfer_part('dutytransfer_id');

-- A signature is given while the handover runs, with no dispute open and something to sign for; it is never taken back.
create function orgchart_sign_transfer() returns trigger language plpgsql as $$
declare
    of orgchart_dutytransfer;
begin
    select * into of from orgchart_dutytransfer where id = new.transfer_id for update;
    if of.started_on is null or of.done_on is not null or of.withdrawn_on is not null or new.signed_on < of.started_on then
        perform orgchart_transfer_refused('TRANSFER-STEPS', '移交启动后、完成前才能签字', of.code);
    end if;
    if exists (select from orgchart_transferdispute where transfer_id = of.id and settled_on is null) then
        perform orgchart_transfer_refused('TRANSFER-DISPUTED', '还有未处理的争议', of.code);
    end if;
    if not exists (select from orgchart_transferline where transfer_id = of.id) then
        perform orgchart_transfer_refused('TRANSFER-EMPTY', '移交须至少列一项职责', of.code);
    end if;
    return new;
end $$;
create trigger orgchart_sign_transfer before insert on orgchart_transfersignature
    for each row execute function orgchart_sign_transfer();
create trigger orgchart_signature_kept before update or delete on orgchart_transfersignature
    for each row execute function common_refuse_change('TRANSFER-FROZEN', '签字不能修改或撤销');

-- A dispute is raised while the handover is not over, settled once, and stays on record.
create function orgchart_dispute_steps() returns trigger language plpgsql as $$
declare
    of orgchart_dutytransfer;
    settled constant text[] := '{settlement,settled_on,settled_by_id}';
begin
    if tg_op = 'DELETE' then
        perform orgchart_transfer_refused('TRANSFER-KEPT', '争议记录不能删除', old.id::text);
    end if;
    if tg_op = 'UPDATE' then
        if old.settled_on is not null or (to_jsonb(new) - settled) <> (to_jsonb(old) - settled) then
            perform orgchart_transfer_refused('TRANSFER-FROZEN', '争议提出后只能处理一次，不能修改', old.id::text);
        end if;
        return new;
    end if;
    select * into of from orgchart_dutytransfer where id = new.transfer_id for update;
    if of.started_on is null or of.done_on is not null or of.withdrawn_on is not null
       or new.raised_on < of.started_on then
        perform orgchart_transfer_refused('TRANSFER-STEPS', '移交启动后、完成前才能提出争议', of.code);
    end if;
    return new;
end $$;
create trigger orgchart_dispute_steps before insert or update or delete on orgchart_transferdispute
    for each row execute function orgchart_dispute_steps();
-- reverse
drop trigger orgchart_dispute_steps on orgchart_transferdispute;
drop function orgchart_dispute_steps();
drop trigger orgchart_signature_kept on orgchart_transfersignature;
drop trigger orgchart_sign_transfer on orgchart_transfersignature;
drop function orgchart_sign_transfer();
drop trigger orgchart_transfer_part on orgchart_dutytransfer_projects;
drop trigger orgchart_transfer_part on orgchart_transferline;
drop function orgchart_transfer_part();
drop trigger orgchart_transfer_sides on orgchart_dutytransfer;
drop function orgchart_check_transfer_sides();
drop trigger orgchart_transfer_steps on orgchart_dutytransfer;
drop function orgchart_transfer_steps();
drop function orgchart_transfer_refused(text, text, text);
