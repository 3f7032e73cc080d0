-- A post stands only while its bureau and unit do, in a tier of its zone; a seat only while its post does.
create constraint trigger staffing_post_in_unit after insert or update on staffing_postversion
    deferrable initially deferred for each row execute function common_check_covered(
        'zones_unitversion', 'unit_id', 'unit_id', 'POST-IN-UNIT', '岗位的起止须在所属单位存续期内');
create constraint trigger staffing_post_in_bureau after insert or update on staffing_postversion
    deferrable initially deferred for each row execute function common_check_covered(
        'orgchart_bureauversion', 'bureau_id', 'bureau_id', 'POST-IN-BUREAU', '岗位的起止须在所属职能机构存续期内');
create constraint trigger staffing_bureau_keeps_posts after update or delete on orgchart_bureauversion
    deferrable initially deferred for each row execute function common_check_covers(
        'bureau_id', 'staffing_postversion', 'bureau_id', 'POST-IN-BUREAU', '该机构仍有岗位，须先撤销或划转');
create constraint trigger staffing_post_in_tier after insert or update on staffing_postversion
    deferrable initially deferred for each row execute function common_check_covered(
        'orgchart_tier', 'id', 'tier_id', 'POST-IN-TIER', '岗位所在的管理层级在此期间须有效');
create constraint trigger staffing_tier_keeps_posts after update or delete on orgchart_tier
    deferrable initially deferred for each row execute function common_check_covers(
        'id', 'staffing_postversion', 'tier_id', 'POST-IN-TIER', '该管理层级仍有岗位');
create constraint trigger staffing_appointment_in_post after insert or update on staffing_appointment
    deferrable initially deferred for each row execute function common_check_covered(
        'staffing_postversion', 'post_id', 'post_id', 'APPOINTMENT-IN-POST', '聘任的起止须在岗位存续期内');
create constraint trigger staffing_post_keeps_people after update or delete on staffing_postversion
    deferrable initially deferred for each row execute function common_check_covers(
        'post_id', 'staffing_appointment', 'post_id', 'APPOINTMENT-IN-POST', '该岗位仍有人在岗');

-- A seat's number never exceeds the post's headcount on any day of the appointment (APT-13).
create function staffing_check_seats() returns trigger language plpgsql as $$
declare
    offender record;
begin
    select a.id, a.seat, v.headcount, v.name into offender
    from staffing_appointment a join staffing_postversion v on v.post_id = a.post_id and v.period && a.period
    where a.post_id = new.post_id and a.seat > v.headcount limit 1;
    if offender.id is not null then
        raise exception using errcode = '23514', constraint = 'APT-13', message = '岗位没有空缺席位（APT-13）',
            detail = format('%s 共 %s 席，第 %s 席不存在', offender.name, offender.headcount, offender.seat);
    end if;
    return null;
end $$;
create constraint trigger staffing_seats after insert or update on staffing_appointment
    deferrable initially deferred for each row execute function staffing_check_seats();
create constraint trigger staffing_seats after insert or update on staffing_postversion
    deferrable initially deferred for each row execute function staffing_check_seats();

-- A post's bureau lies in the post's unit, and its tier in the unit's zone.
create function staffing_check_place() returns trigger language plpgsql as $$
begin
    if new.bureau_id is not null and exists (
            select from orgchart_bureauversion b
            where b.bureau_id = new.bureau_id and b.period && new.period and b.unit_id <> new.unit_id) then
        raise exception using errcode = '23514', constraint = 'POST-IN-UNIT', message = '岗位与所属职能机构不在同一单位';
    end if;
    if not exists (select from orgchart_tier t
                   where t.id = new.tier_id and t.zone_id in (select orgchart_zones_of(new.unit_id))) then
        raise exception using errcode = '23514', constraint = 'POST-IN-TIER', message = '岗位的管理层级不属于本开发区';
    end if;
    return null;
end $$;
create constraint trigger staffing_place after insert or update on staffing_postversion
    deferrable initially deferred for each row execute function staffing_check_place();
-- reverse
drop trigger staffing_place on staffing_postversion;
drop function staffing_check_place();
drop trigger staffing_seats on staffing_postversion;
drop trigger staffing_seats on staffing_appointment;
drop function staffing_check_seats();
drop trigger staffing_post_keeps_people on staffing_postversion;
drop trigger staffing_appointment_in_post on staffing_appointment;
drop trigger staffing_tier_keeps_posts on orgchart_tier;
drop trigger staffing_post_in_tier on staffing_postversion;
drop trigger staffing_bureau_keeps_posts on orgchart_bureauversion;
drop trigger staffing_post_in_bureau on staffing_postversion;
drop trigger staffing_post_in_unit on staffing_postversion;
