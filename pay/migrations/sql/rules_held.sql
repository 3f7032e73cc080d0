-- Where the rules of pay are held: when a run is approved, when a term's result is put on file, and when its
-- deferred part is drawn up. What was approved before a figure was restated stays, and is reported.

-- Refuses what a run, or a term that it belongs to, breaks now, unless an exception in force tolerates that much.
create function pay_refuse_breach(
    zone bigint, only_run bigint, rule text, measure text, finder text, sentence text
) returns void language plpgsql as $$
declare
    today date := (clock_timestamp() at time zone 'Asia/Shanghai')::date;
    found record;
    total numeric;
begin
    execute format('select * from %I($1, $2) where period @> $3 order by ref limit 1', finder)
        into found using zone, only_run, today;
    if found.ref is null then return; end if;
    execute format('select sum(excess) from %I($1) where unit_id = $2 and period @> $3', finder)
        into total using zone, found.unit_id, today;
    if exists (select from orgchart_ruleexception e
               where e.zone_id = zone and e.unit_id = found.unit_id and e.rule = $3 and e.measure = $4
                   and e.period @> today and e.allowed >= total) then return; end if;
    perform orgchart_refuse(
        jsonb_populate_record(null::orgchart_hardrule, jsonb_build_object(
            'rule_id', rule, 'measure', measure, 'finder', finder, 'sentence', sentence)),
        today, found.unit_id, found.ref, found.subject, found.facts, found.excess);
end $$;
create function pay_judge_term(unit bigint, only_run bigint) returns void language plpgsql as $$
declare
    zone bigint;
begin
    -- Two runs of one term, approved at once, wait for each other here.
    perform pg_advisory_xact_lock(hashtextextended('pay_judge_term ' || unit, 0));
    for zone in select orgchart_zones_of(unit) loop
        perform pay_refuse_breach(zone, only_run, 'PAY-08', 'cap', 'pay_pay_08_cap', '任期激励超过上限');
    end loop;
end $$;
create function pay_judge_run() returns trigger language plpgsql as $$
declare
    zone bigint;
begin
    for zone in select orgchart_zones_of(new.unit_id) loop
        perform pay_refuse_breach(zone, new.id, 'PAY-01', 'cap', 'pay_pay_01', '绩效总额超过参照收入的规定倍数');
        perform pay_refuse_breach(zone, new.id, 'PAY-03', 'growth', 'pay_pay_03_growth', '绩效总额增幅超过效益增幅');
        perform pay_refuse_breach(zone, new.id, 'PAY-03', 'preserved', 'pay_pay_03_preserved', '未保值增值，绩效总额不得增长');
        perform pay_refuse_breach(zone, new.id, 'PAY-04', 'issuer', 'pay_pay_04', '批文不是有权机关印发');
        perform pay_refuse_breach(zone, new.id, 'PAY-08', 'zero', 'pay_pay_08_zero', '年度不胜任的不得领取绩效');
        perform pay_refuse_breach(zone, new.id, 'PAY-09', 'months', 'pay_pay_09', '计发月数多于任职月数');
        perform pay_refuse_breach(zone, new.id, 'PAY-10', 'cut', 'pay_pay_10', '带薪休假不得扣减月数');
    end loop;
    perform pay_judge_term(new.unit_id, new.id);
    return null;
end $$;
create constraint trigger pay_run_rules_new after insert on pay_run deferrable initially deferred
    for each row when (new.state = 'approved') execute function pay_judge_run();
create constraint trigger pay_run_rules after update on pay_run deferrable initially deferred
    for each row when (new.state = 'approved' and old.state <> 'approved') execute function pay_judge_run();

create function pay_judge_term_result() returns trigger language plpgsql as $$
begin
    perform pay_judge_term(new.unit_id, null);
    return null;
end $$;
create constraint trigger pay_term_rules after insert or update on pay_termresult deferrable initially deferred
    for each row execute function pay_judge_term_result();
create function pay_judge_deferred() returns trigger language plpgsql as $$
begin
    perform pay_judge_term((select r.unit_id from pay_run r where r.id = new.run_id), new.run_id);
    return null;
end $$;
create constraint trigger pay_payout_rules after insert on pay_payout deferrable initially deferred
    for each row when (new.part = 'deferred') execute function pay_judge_deferred();
-- reverse
drop trigger pay_payout_rules on pay_payout;
drop function pay_judge_deferred();
drop trigger pay_term_rules on pay_termresult;
drop function pay_judge_term_result();
drop trigger pay_run_rules on pay_run;
drop trigger pay_run_rules_new on pay_run;
drop function pay_judge_run();
drop function pay_judge_term(bigint, bigint);
drop function pay_refuse_breach(bigint, bigint, text, text, text, text);
