-- The audit trail: entries never change; each is sealed at COMMIT into a chain of
-- hashes, so that a missing or altered entry breaks every seal after it.

-- What is sealed of an entry, in a form that does not depend on settings. A JSON
-- array, so that nothing can move from one column to its neighbour unnoticed.
create function common_audit_text(entry common_auditentry) returns text language sql stable as $$
    select jsonb_build_array(entry.id, to_char(entry.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
                             entry.user_id, entry.door, entry.address, entry.verb, entry.noun, entry.key, entry.label,
                             entry.before, entry.after, entry.reason)::text
$$;

create function common_audit_seal() returns trigger language plpgsql as $$
declare
    last common_auditseal;
begin
    -- One chain: sealing is serialised, but only for the moment of COMMIT.
    perform pg_advisory_xact_lock(hashtext('common_auditseal'));
    select * into last from common_auditseal order by position desc limit 1;
    insert into common_auditseal (position, entry_id, hash)
    values (coalesce(last.position, 0) + 1, new.id,
            encode(sha256(convert_to(coalesce(last.hash, '') || common_audit_text(new), 'UTF8')), 'hex'));
    return null;
end $$;

create constraint trigger common_audit_seal after insert on common_auditentry
    deferrable initially deferred for each row execute function common_audit_seal();
create trigger common_audit_kept before update or delete on common_auditentry
    for each row execute function common_refuse_change('AUDIT', '操作记录不能修改或删除');
create trigger common_auditseal_kept before update or delete on common_auditseal
    for each row execute function common_refuse_change('AUDIT', '操作记录不能修改或删除');

-- The first position whose seal does not fit, or that misses its entry; empty when all is well.
create function common_audit_faults() returns table (pos bigint, entry bigint, fault text)
language plpgsql stable as $$
declare
    seal record;
    previous text := '';
    expected bigint := 1;
begin
    for seal in select s.position, s.entry_id, s.hash, e.id, e as entry_row
                from common_auditseal s left join common_auditentry e on e.id = s.entry_id order by s.position
    loop
        if seal.position <> expected then
            return query select expected, null::bigint, 'seal missing'; return;
        end if;
        if seal.id is null then
            return query select seal.position, seal.entry_id, 'entry missing'; return;
        end if;
        if seal.hash <> encode(sha256(convert_to(previous || common_audit_text(seal.entry_row), 'UTF8')), 'hex') then
            return query select seal.position, seal.entry_id, 'entry changed'; return;
        end if;
        previous := seal.hash;
        expected := expected + 1;
    end loop;
    return query select null::bigint, e.id, 'entry not sealed' from common_auditentry e
                 where not exists (select from common_auditseal s where s.entry_id = e.id) limit 1;
end $$;
-- reverse
drop function common_audit_faults();
drop trigger common_auditseal_kept on common_auditseal;
drop trigger common_audit_kept on common_auditentry;
drop trigger common_audit_seal on common_auditentry;
drop function common_audit_seal();
drop function common_audit_text(common_auditentry);
