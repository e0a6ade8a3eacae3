-- reads:  wanted_profile (profile_id), gold.customer_360
-- one row per: wanted profile that is active
select
    profile_id, full_name, birth_date, gender, company, email, phone, address_line1, address_line2, city, region,
    postal_code, country_iso2, consent_email, consent_sms, consent_phone, first_seen_at, last_seen_at, n_source_records,
    systems, match_confidence, is_test, is_staff, is_restricted, orders, revenue, revenue_currency, tickets, open_tickets
from gold.customer_360
semi join wanted_profile using (profile_id)
order by profile_id
