-- The KPIs of today.
-- reads:  mart.kpi
-- writes: nothing
-- one row per: KPI x currency
select kpi, currency, round(value, 4)::double as value, unit, period, definition
from mart.kpi
order by kpi, currency;
