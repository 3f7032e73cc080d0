-- A project's stages go forward from day to day, are never changed, and end with the last or with its being dropped.
create function zones_stage_place(stage text) returns int language sql immutable as $$
    select array_position('{talks,signed,building,done,producing,dropped}'::text[], stage)
$$;

create function zones_check_stages() returns trigger language plpgsql as $$
begin
    if exists (select from zones_projectstage a join zones_projectstage b
               on b.project_id = a.project_id and b.as_of > a.as_of
               where a.project_id = new.project_id
                 and (zones_stage_place(b.stage) <= zones_stage_place(a.stage) or a.stage in ('producing', 'dropped'))) then
        raise exception using errcode = '23514', constraint = 'PROJECT-STAGE',
            message = '项目阶段只能依次向前，达产或终止后不再变动';
    end if;
    return null;
end $$;
create constraint trigger zones_stage_forward after insert on zones_projectstage
    deferrable initially deferred for each row execute function zones_check_stages();
create trigger zones_stage_kept before update or delete on zones_projectstage
    for each row execute function common_refuse_change('PROJECT-STAGE', '项目阶段记录不能修改或删除');
-- reverse
drop trigger zones_stage_kept on zones_projectstage;
drop trigger zones_stage_forward on zones_projectstage;
drop function zones_check_stages();
drop function zones_stage_place(text);
