-- reads:  match.vector
-- writes: nothing
-- one row per: level of a comparison: decodes comparison_vector as (vector >> shift) & ((1 << bits) - 1)
select field, level, shift, bits, label, m, u, weight, origin
from match.vector
order by shift, level;
