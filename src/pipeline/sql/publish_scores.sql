-- publish_scores: $1 report, $2 employee, $3 type, $4 version, $5 overall, $6 confidence, $7 personality, $8 behaviour,
-- $9 compatibility, $10 potential, $11 dimensions, $12 weights, $13 trend, $14 previous, $15 change, $16 when, $17 method.
insert into report_scores
  (report_id, employee_id, report_type, version, overall_score, confidence_level, personality_score, behavior_score,
   compatibility_score, potential_score, dimension_scores, factor_weights, score_trend, previous_score, score_change,
   calculated_at, calculation_method)
values ($1, $2, $3, $4, round($5::numeric, 2), round($6::numeric, 2), round($7::numeric, 2), round($8::numeric, 2),
        round($9::numeric, 2), round($10::numeric, 2), $11, $12, $13, round($14::numeric, 2), round($15::numeric, 2), $16, $17)
