-- Who goes with a transfer is part of what is signed.
create trigger staffing_transfer_staff before insert or update or delete on staffing_transferstaff
    for each row execute function orgchart_transfer_part('transfer_id');
-- reverse
drop trigger staffing_transfer_staff on staffing_transferstaff;
