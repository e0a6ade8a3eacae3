-- reads: delivered (rows of a generic source of kind survey)
-- writes: std.survey_response
-- one row per: answer
-- by hand: create table delivered as select ...
select
    object as source,
    source_pk as response_id,
    case when person_id is not null then person_source end as person_source,
    case when person_source is not null then person_id end as person_pk,
    email as person_email,
    lower(coalesce(kind, 'nps')) as kind,
    score,
    answered_at,
    comment
from delivered
