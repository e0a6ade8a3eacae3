-- reads:  gold.customer_360
-- one row, or none
-- parameters: $profile_id
select email, phone, strftime(birth_date, '%Y-%m-%d') as birth_date, gender, lower(trim(company)) as company
from gold.customer_360
where profile_id = $profile_id
