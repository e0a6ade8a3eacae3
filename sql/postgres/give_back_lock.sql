-- reads:  pg_locks
-- writes: pg_locks
-- one row: the end of the lock that take_lock took
select pg_advisory_unlock(hashtextextended('identity warehouse', 0))
