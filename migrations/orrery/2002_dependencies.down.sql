set local lock_timeout = '5s';

drop function orrery.settle_waiting();
drop function orrery.fail_cycles();
drop function orrery.fail_dependents(uuid);
drop function orrery.fail_reports(uuid[], text, text);
drop function orrery.wake_dependents(uuid);
drop function orrery.quiet(boolean);
