-- Households in which the person lives, as events name them.
-- reads:  gold.household_member, identity.profile_xref, erased_record, wanted_profile
-- one row per: household
with concerned as (
    select profile_id from wanted_profile
    union
    select xref.profile_id from identity.profile_xref as xref semi join erased_record using (source, source_pk)
)
select distinct 'gold.household' as source, household_id as source_pk
from gold.household_member
semi join concerned using (profile_id)
order by all
