"""Proof that Postgres holds the rows that were sent: every row as one text, digested on both sides, and summed up.

The sum of 60 bits of each row's MD5 does not depend on the order of rows; a lost, doubled or altered row changes it.
Both engines write a value as the same text: numbers of fifteen digits, lists with their length, null as a sign of its
own. The digest guards against faults, not against an adversary.
"""

from dataclasses import dataclass

import duckdb

from identity.engine.sql import literal, quote, quote_column
from identity.errors import ServerFailed
from identity.serving.connection import Connection
from identity.serving.shape import ServedColumn, ServedTable, plain

KEY_BYTES = 2000
"""An index entry of Postgres has room for about 2,700 bytes."""


@dataclass(frozen=True)
class Sum:
    """Rows of a table and the sum of their digests."""

    rows: int
    digest: int


def in_file(connection: duckdb.DuckDBPyConnection, table: ServedTable) -> tuple[Sum, int, bool]:
    """The sum of a table of the generation's file, the bytes of its longest key or lookup, whether a text holds NUL."""
    values = {column.name: plain(column, has_nul=table.has_nul) for column in table.columns}
    entries = [table.key, *((name,) for name in table.lookups)]
    sizes = [" + ".join(f"coalesce(strlen({values[name]}), 0)" for name in names) or "0" for names in entries]
    longest = f"greatest({', '.join(sizes)})"
    query = (
        "select count(*), coalesce(sum(('0x' || left(md5(row_text), 15))::bigint), 0), "  # noqa: S608 - catalogue
        "coalesce(max(key_bytes), 0), coalesce(bool_or(contains(row_text, chr(0))), false) from "
        f"(select {_joined(list(values.values()))} as row_text, {longest} as key_bytes "
        f"from warehouse.{quote(table.name)})"
    )
    rows, digest, longest_key, has_nul = connection.execute(query).fetchall()[0]
    return Sum(int(rows), int(digest)), int(longest_key), bool(has_nul)


def on_server(connection: Connection, table: ServedTable, schema: str) -> Sum:
    """The sum of the same table as Postgres has it."""
    joined = _joined([_plain(column) for column in table.columns])
    query = (
        "select count(*), coalesce(sum(('x' || left(md5(row_text), 15))::bit(60)::bigint), 0) "  # noqa: S608 - quoted
        f"from (select {joined} as row_text from {quote_column(schema)}.{quote_column(table.short)}) as r"
    )
    rows, digest = connection.execute(query).fetchone()
    return Sum(int(rows), int(digest))


def expect_equal(table: ServedTable, sent: Sum, held: Sum) -> None:
    """Raise ServerFailed where Postgres does not hold what was sent."""
    if sent != held:
        told = f"{held.rows:,} rows of {sent.rows:,}" if sent.rows != held.rows else f"{sent.rows:,} rows, not the same"
        raise ServerFailed(
            f"{table.name}: Postgres holds {told}; nothing was switched. Run again, and see the server's disk and log"
        )


def _joined(values: list[str]) -> str:
    """One text of all values; Postgres's functions take a hundred arguments at most."""
    texts = [f"coalesce({value}, chr(1))" for value in values]
    groups = [f"concat_ws(chr(31), {', '.join(texts[start : start + 80])})" for start in range(0, len(texts), 80)]
    return f"concat_ws(chr(31), {', '.join(groups)})"


def _plain(column: ServedColumn) -> str:
    """Postgres's expression of a value's text; `shape` has the same for DuckDB."""
    place = quote_column(column.name)
    if column.type == "double precision":
        return (
            f"case when {place}::text in ('NaN', 'Infinity', '-Infinity') then 'none' when {place} = 0 then '0' "
            f"else trim(to_char({place}, {literal('9.99999999999999EEEE')})) end"
        )
    if column.type.endswith("[]"):
        return f"cardinality({place})::text || ':' || array_to_string({place}::text[], chr(30), chr(2))"
    return f"{place}::text"
