-- Answers to surveys with their person.
-- reads:  std.survey_response, event_profile
-- writes: temp table answer
-- one row per: answer
create or replace temp table answer as
select survey.source, survey.response_id, survey.kind, survey.score, survey.answered_at, event_profile.profile_id
from std.survey_response as survey
left join event_profile
    on event_profile.source = survey.source
    and event_profile.person_source = coalesce(survey.person_source, '')
    and event_profile.person_pk = coalesce(survey.person_pk, '')
    and event_profile.person_email = coalesce(survey.person_email, '')
