"""The suites about tables, validated in SQL on the server that a generation was loaded into."""

import warnings
from collections.abc import Iterable, Mapping
from typing import Any

from identity.checking.results import Result
from identity.checking.suites import Suite
from identity.checking.validate import Judged, great_expectations, run_batches
from identity.engine.sql import quote_column
from identity.serving.connection import Connection, connect, connected, told
from identity.serving.loading import Loaded
from identity.settings import Settings
from identity.tables import table


def run_on_server(
    settings: Settings, suites: Iterable[Suite], loaded: Loaded, parameters: Mapping[str, Any]
) -> list[Result]:
    """Every expectation of the suites that judge a table, on its rows as loaded.

    Of a large table as many rows are judged as the check before took.
    """
    chosen = [suite for suite in suites if suite.table in {table.name for table in loaded.tables}]
    with told(), connect(settings) as connection, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it would rather be told that the server is Postgres, and then reads no socket
        source = _source(connection)

        def batch_of(suite: Suite) -> Judged:
            rows, shown, query = _rows_of(settings, loaded, suite)
            asset = source.add_query_asset(suite.name, query)
            return Judged(asset.add_batch_definition_whole_table("all").get_batch(), shown, rows)

        return run_batches(chosen, batch_of, parameters)


def _source(connection: Connection) -> Any:
    """Where queries are handed in. The address stays with us: Great Expectations repeats it in its errors.

    There is one connection for all, since temporary tables belong to one.
    """
    import sqlalchemy as sa

    gx = great_expectations()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = gx.data_context.types.base.ProgressBarsConfig(globally=False)
    return context.data_sources.add_sql(
        "server",
        connection_string="postgresql+psycopg://",
        create_temp_table=True,
        kwargs={"creator": lambda: connection, "poolclass": sa.pool.StaticPool},
    )


def _rows_of(settings: Settings, loaded: Loaded, suite: Suite) -> tuple[int, int, str]:
    """Rows of a suite's table, how many are judged, and the query of those."""
    schema, name = suite.table.split(".")
    place = f"{quote_column(loaded.places[schema])}.{quote_column(name)}"
    columns = ", ".join(quote_column(column) for column in suite.frame_columns)
    query = f"select {columns} from {place}"  # noqa: S608 - names checked against tables.py
    with connected(settings) as connection:
        rows = int(connection.execute(f"select count(*) from {place}").fetchone()[0])  # noqa: S608 - as above
        if rows <= suite.sample_rows:
            return rows, rows, query
        key = ", ".join(quote_column(column) for column in table(suite.table).key)
        share = suite.sample_rows * 1_000_000 // rows
        query += f" where mod(abs(hashtextextended(concat_ws(chr(31), {key}), 0)), 1000000) < {share}"
        counted = f"select count(*) from ({query}) as judged"  # noqa: S608 - as above
        return rows, int(connection.execute(counted).fetchone()[0]), query
