-- The events of a rollback are a person's doing.
-- reads:  identity.profile_event
-- writes: identity.profile_event
-- one row per: change of a profile
-- parameters: $number (generation), $actor (who rolled back)
select
    * replace (
        case when run_number = $number then 'steward' else cause end as cause,
        case when run_number = $number then $actor else actor end as actor
    )
from identity.profile_event
