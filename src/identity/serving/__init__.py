"""Postgres as the warehouse: a generation's file is served to it, beside what readers see, and switched by renames."""
