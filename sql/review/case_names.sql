-- reads:  memory.review.case_record, wanted_case (record)
-- one row per: record of the cases on the page
select case_record.record, full_name, email, phone, city
from memory.review.case_record as case_record
semi join wanted_case using (record)
