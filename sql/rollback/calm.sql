-- A cluster is not calm where the generation one goes back to had it under another id.
-- reads:  calm, assigned
-- writes: calm
-- one row per: cluster to which nothing happens
delete from calm
where (cluster_id, profile_id) not in (select (cluster_id, profile_id) from assigned)
