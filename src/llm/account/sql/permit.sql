-- permit: whether a call may begin ($1: the call and its limits).
select p.verdict, p.wait_s, p.detail from orrery.llm_permit($1) p
