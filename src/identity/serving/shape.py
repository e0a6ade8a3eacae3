"""What a generation's tables become on Postgres: names, types, keys, comments; and how their rows travel.

Everything is read from the generation's own file, so a table that `tables.py` gains comes along. Postgres takes names
of 63 bytes and some hundreds of columns: longer names of delivered columns are cut and told apart by a digest, and
what a delivered table has beyond 300 columns goes into one column `more_columns` of JSON text.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import duckdb

from identity.engine.sql import literal, quote, quote_column
from identity.tables import tables

MOST_COLUMNS = 300
_NAME_BYTES = 63
_TYPES: Mapping[str, str] = {
    "BIGINT": "bigint",
    "INTEGER": "integer",
    "SMALLINT": "smallint",
    "TINYINT": "smallint",
    "HUGEINT": "numeric(39)",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "DOUBLE": "double precision",
    "FLOAT": "double precision",
    "TIMESTAMP": "timestamp",
    "VARCHAR[]": "text[]",
    "INTEGER[]": "integer[]",
    "BIGINT[]": "bigint[]",
}
# A lookup that is not the beginning of a table's key gets an index of its own.
_LOOKUPS = ("profile_id", "order_id")


@dataclass(frozen=True)
class ServedColumn:
    """One column: its name and type on Postgres, what is said about it, and its value as DuckDB has it.

    `value` is a DuckDB expression of the type `kind`.
    """

    name: str
    type: str
    comment: str
    value: str
    kind: str


@dataclass(frozen=True)
class ServedTable:
    """One table; `key` is empty where the file declares none, `has_nul` where a text holds the character NUL."""

    name: str
    columns: tuple[ServedColumn, ...]
    key: tuple[str, ...]
    comment: str
    has_nul: bool = False

    @property
    def schema(self) -> str:
        """The part before the dot."""
        return self.name.partition(".")[0]

    @property
    def short(self) -> str:
        """The part after the dot."""
        return self.name.partition(".")[2]

    @property
    def lookups(self) -> list[str]:
        """Columns by which rows are looked up, beside the key."""
        have = {column.name for column in self.columns}
        return [name for name in _LOOKUPS if name in have and self.key[:1] != (name,)]


def shapes(connection: duckdb.DuckDBPyConnection, *, raw_rows: bool = True) -> list[ServedTable]:
    """Every table of the generation's file attached as `warehouse`, in the pipeline's order, delivered rows last."""
    found = connection.execute(
        "select t.schema_name || '.' || t.table_name, coalesce(t.comment, ''), c.column_name, c.data_type, "
        "coalesce(c.comment, '') from duckdb_tables() as t join duckdb_columns() as c using (database_name, table_oid) "
        "where t.database_name = 'warehouse' order by t.schema_name, t.table_name, c.column_index"
    ).fetchall()
    held: dict[str, list[tuple[str, str, str]]] = {}
    comments = {}
    for name, comment, *column in found:
        held.setdefault(name, []).append((column[0], column[1], column[2]))
        comments[name] = comment
    order = {name: number for number, name in enumerate(tables())}
    names = sorted(held, key=lambda name: (order.get(name, len(order)), name))
    return [_shape(name, comments[name], held[name]) for name in names if raw_rows or name in order]


def _shape(name: str, comment: str, columns: list[tuple[str, str, str]]) -> ServedTable:
    known = tables().get(name)
    personal = {column.name for column in known.columns if column.personal} if known else None
    declared = {column.name for column in known.columns} if known else set()
    have = {column for column, _, _ in columns}
    key = known.key if known and set(known.key) <= have else ()
    served: list[ServedColumn] = []
    taken: set[str] = set()
    for column, kind, words in columns[:MOST_COLUMNS]:
        short = _cut(column, taken)
        taken.add(short)
        is_personal = personal is None or column in personal or column not in declared
        said = _said(words, column if short != column else "", is_personal=is_personal)
        wanted = _TYPES.get(kind, _decimal(kind))
        known_kind = kind if wanted != "text" else "VARCHAR"
        value = quote_column(column) if wanted != "text" else f"{quote_column(column)}::varchar"
        served.append(ServedColumn(short, wanted, said, value, known_kind))
    rest = [column for column, _, _ in columns[MOST_COLUMNS:]]
    if rest:
        packed = ", ".join(f"{literal(column)}, {quote_column(column)}::varchar" for column in rest)
        said = f"the {len(rest)} delivered columns beyond the first {MOST_COLUMNS}, as a JSON object (personal)"
        served.append(ServedColumn("more_columns", "text", said, f"json_object({packed})::varchar", "VARCHAR"))
    about = comment or "Rows as delivered, by file and row, with place and disposition."
    return ServedTable(name, tuple(served), key, about)


def _said(words: str, delivered: str, *, is_personal: bool) -> str:
    """A column's comment; `sql/roles/` reads from its end whether the column is personal."""
    text = words.removesuffix("(personal)").strip() or (f"delivered as {delivered}" if delivered else "")
    return f"{text} (personal)".strip() if is_personal else text


def _decimal(kind: str) -> str:
    return kind.lower().replace("decimal", "numeric") if kind.startswith("DECIMAL") else "text"


def _cut(name: str, taken: Iterable[str]) -> str:
    """A name Postgres takes, told apart from those taken and from the system's own."""
    clean = name.replace("\0", "")
    reserved = {"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"}
    if clean and len(clean.encode()) <= _NAME_BYTES and clean not in taken and clean not in reserved:
        return clean
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{clean.encode()[: _NAME_BYTES - 9].decode(errors='ignore')}_{digest}"


def carried(column: ServedColumn, *, has_nul: bool) -> str:
    """The DuckDB expression of what CSV carries of a column."""
    place = column.value
    if column.kind == "VARCHAR[]":
        escaped = f"replace(replace({_text('x', has_nul)}, '\\', '\\\\'), '\"', '\\\"')"
        listed = f"list_transform({place}, lambda x: coalesce('\"' || {escaped} || '\"', 'NULL'))"
        return f"'{{' || array_to_string({listed}, ',') || '}}'"
    if column.kind.endswith("[]"):
        return f"'{{' || array_to_string(list_transform({place}, lambda x: coalesce(x::varchar, 'NULL')), ',') || '}}'"
    return _text(place, has_nul) if column.kind == "VARCHAR" else place


def plain(column: ServedColumn, *, has_nul: bool) -> str:
    """The DuckDB expression of a value's text, the same as `equal` makes Postgres write."""
    place = column.value
    if column.kind in ("DOUBLE", "FLOAT"):
        return (
            f"case when not isfinite({place}) then 'none' when {place} = 0 then '0' "
            f"else format('{{:.14e}}', {place}::double) end"
        )
    if column.kind.endswith("[]"):
        each = _text("x::varchar", has_nul)
        listed = f"array_to_string(list_transform({place}, lambda x: coalesce({each}, chr(2))), chr(30))"
        return f"len({place}) || ':' || {listed}"
    return _text(f"{place}::varchar", has_nul and column.kind == "VARCHAR")


def _text(value: str, has_nul: bool) -> str:  # noqa: FBT001 - of two functions that say its name
    """Text as Postgres can hold it: without the character NUL, the only one it has no place for."""
    return f"replace({value}, chr(0), '')" if has_nul else value


def rows_query(table: ServedTable) -> str:
    """DuckDB's query of the rows as CSV carries them."""
    values = ", ".join(
        f"{carried(column, has_nul=table.has_nul)} as {quote_column(column.name)}" for column in table.columns
    )
    return f"select {values} from warehouse.{quote(table.name)}"  # noqa: S608 - names from the catalogue
