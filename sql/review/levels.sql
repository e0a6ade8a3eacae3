-- reads:  match.vector, match.model
-- one row per: level of a field
select vector.*, model.prior_match_probability
from match.vector as vector
cross join match.model as model
order by vector.field, vector.level
