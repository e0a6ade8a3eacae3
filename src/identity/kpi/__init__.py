"""The arithmetic of the KPIs: pure functions over NumPy arrays, without tables, clock or randomness."""
