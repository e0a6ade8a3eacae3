"""How DuckDB is opened, everywhere."""

import duckdb


def connect(**config: str) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB that loads no extension by itself: nothing is fetched, and no text can make it fetch."""
    safe = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    return duckdb.connect(config={**config, **safe})
