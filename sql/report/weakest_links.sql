-- reads:  match.cluster
-- writes: nothing
-- one row per: band of the weakest link that holds a profile together
with bands(position, band, lowest, highest) as (
    values (1, 'below .50', -1.0, 0.5), (2, '.50 to .80', 0.5, 0.8), (3, '.80 to .95', 0.8, 0.95),
        (4, '.95 to .99', 0.95, 0.99), (5, '.99 to .999', 0.99, 0.999), (6, '.999 and above', 0.999, 2.0)
)
select b.band, count(c.cluster_id) as profiles, coalesce(sum(c.n_records), 0)::bigint as records
from bands as b
left join match.cluster as c on c.min_edge_probability >= b.lowest and c.min_edge_probability < b.highest
group by b.position, b.band
order by b.position;
