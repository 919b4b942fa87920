-- lease: what the queue knows of row $2 of queue $1 while it has not ended.
select d.state, d.snoozes, d.token, d.leased_at, d.heartbeat_at, d.lease_expires_at, d.begun
from orrery.dispatch d where d.queue = $1 and d.job_id = $2
