-- open_breakers: breakers that hold rows back. Those of language models hold none: the next provider or the narrator takes over.
select b.name, nullif(b.reason, '') from orrery.breaker b where b.state <> 'closed' and b.queues <> '{}' order by b.name
