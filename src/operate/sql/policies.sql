-- policies: switches of the queues.
select p.queue, p.paused, p.note, p.changed_at from orrery.queue_policy p
