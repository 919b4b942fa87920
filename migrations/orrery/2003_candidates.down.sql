set local lock_timeout = '5s';

drop function orrery.candidates(text, integer);
