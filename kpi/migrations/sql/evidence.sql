-- A file that was put on file stays as it was; it may be withdrawn, once.
create function kpi_keep_evidence() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and old.withdrawn_at is null and new.withdrawn_at is not null
            and (new.line_id, new.name, new.mime, new.size, new.sha256, new.content, new.added_by_id, new.added_at)
                is not distinct from
                (old.line_id, old.name, old.mime, old.size, old.sha256, old.content, old.added_by_id, old.added_at) then
        return new;
    end if;
    raise exception using errcode = '23514', constraint = 'KPI-EVIDENCE',
        message = '佐证材料只能撤回，不能修改或删除';
end $$;
create trigger kpi_evidence_kept before update or delete on kpi_evidence
    for each row execute function kpi_keep_evidence();
-- reverse
drop trigger kpi_evidence_kept on kpi_evidence;
drop function kpi_keep_evidence();
