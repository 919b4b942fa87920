-- batch_put_down: puts a question down for a batch ($1: the call, its limits, its size).
select p.verdict, p.wait_s, p.detail from orrery.llm_put_down($1) p
