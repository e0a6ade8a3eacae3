-- reads:  gold.customer_360
-- writes: nothing
-- one row per: golden field
with counted as (
    select
        count(*) as profiles, count(given_name) as given_name, count(family_name) as family_name,
        count(birth_date) as birth_date, count(gender) as gender, count(company) as company, count(email) as email,
        count(phone) as phone, count(address_line1) as address_line1, count(city) as city,
        count(postal_code) as postal_code, count(country_iso2) as country_iso2,
        count(preferred_channel) as preferred_channel, count(first_order_at) as first_order_at
    from gold.customer_360
)
select field, filled, profiles, filled / nullif(profiles, 0) as share
from counted
unpivot (
    filled for field in (
        given_name, family_name, birth_date, gender, company, email, phone, address_line1, city, postal_code,
        country_iso2, preferred_channel, first_order_at
    )
);
