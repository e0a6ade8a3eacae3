-- reads:  pg_locks
-- writes: pg_locks, an advisory lock of the session; waits until nobody else has it
-- one row
select pg_advisory_lock(hashtextextended('identity warehouse', 0))
