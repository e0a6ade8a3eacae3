-- All answers to surveys with the profile of who answered.
-- reads:  answer
-- writes: gold.survey_response
-- one row per: answer
select source, response_id, profile_id, kind, score, answered_at from answer
