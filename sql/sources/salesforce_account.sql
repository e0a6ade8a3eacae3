-- reads: delivered (rows of salesforce_account)
-- writes: std.organisation
-- one row per: account that is not deleted
-- parameters: $source
-- by hand: set variable source = 'salesforce_account'; and read getvariable('source') for $source
select
    $source as source,
    source_pk,
    name,
    billingcity as city,
    coalesce(billingcountrycode, billingcountry) as country_iso2,
    phone as phone_e164
from delivered
where coalesce(lower(isdeleted), '0') not in ('1', 'true')
