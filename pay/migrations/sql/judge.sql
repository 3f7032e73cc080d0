-- Many runs are judged at once: hash joins, however few rows the planner expects.
alter function pay_judge_runs(bigint[]) set enable_nestloop = off;
-- reverse
alter function pay_judge_runs(bigint[]) reset enable_nestloop;
