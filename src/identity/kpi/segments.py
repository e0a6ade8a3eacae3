"""Segment definitions: small SQL files with a header, and the proof that one only reads what it may (P19).

    -- name: at_risk
    -- owner: marketing
    -- description: Bought several times, and not for twice as long as they usually wait.
    select profile_id from gold.customer_traits where ...

A definition is one query of one column, `profile_id`, over published tables of `gold`, `mart` and `identity`. It is
parsed, everything that is not known to be harmless is refused, and what runs is written anew from the parsed tree:
so nothing runs that was not understood.
"""

import hashlib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlglot
from sqlglot import exp

from identity.errors import ConfigurationError

SCHEMAS = ("gold", "mart", "identity")
_HEADER = re.compile(r"--\s*(name|owner|description):\s*(\S.*?)\s*")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_FUNCTIONS = frozenset({
    "abs", "arg_max", "arg_min", "array", "array_contains", "array_overlaps", "avg", "bool_and", "bool_or", "case",
    "cast", "ceil", "ceiling", "coalesce", "concat", "concat_ws", "contains", "count", "count_if", "cume_dist",
    "date_diff", "date_part", "date_sub", "date_trunc", "datediff", "day", "dayofweek", "dense_rank", "ends_with",
    "epoch", "exists", "explode", "extract", "first_value", "floor", "greatest", "hour", "if", "ifnull", "isodow",
    "lag", "last_day", "last_value", "lead", "least", "left", "len", "length", "like", "list_contains",
    "list_has_any", "ln", "log", "lower", "max", "median", "min", "mod", "month", "nth_value", "ntile", "nullif",
    "percent_rank", "percentile_cont", "percentile_disc", "position", "pow", "power", "quantile", "quantile_cont",
    "quantile_disc", "quarter", "rank", "regexp_extract", "regexp_like", "regexp_matches", "replace", "right",
    "round", "row_number", "sign", "split_part", "sqrt", "starts_with", "stddev", "stddev_samp", "str_position",
    "strip_accents", "strlen", "substr", "substring", "sum", "time_to_unix", "timestamp_trunc", "to_days", "to_hours",
    "to_months", "trim", "trunc", "try_cast", "upper", "var_samp", "week", "year",
})  # fmt: skip
"""Functions, under any of their names, that look at their arguments and at nothing else: no file, setting, clock,
chance or order of rows."""
_FORBIDDEN: tuple[type[exp.Expr], ...] = (
    exp.Placeholder, exp.Parameter, exp.SessionParameter, exp.Into, exp.Command, exp.Lambda, exp.TableSample,
)  # fmt: skip


@dataclass(frozen=True)
class Segment:
    """One definition: `definition` is the file's text, `query` what runs, `tables` what it reads."""

    name: str
    owner: str
    description: str
    definition: str
    query: str
    tables: tuple[str, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of the definition."""
        return hashlib.sha256(self.definition.encode()).hexdigest()


def read_segments(paths: Collection[Path], tables: Collection[str]) -> tuple[Segment, ...]:
    """The definitions of files, by name; of two with one name the later file's (a deployer's over ours).

    `tables` are those that may be read. Raises ConfigurationError naming the file and what is wrong.
    """
    found = {segment.name: segment for segment in (read_segment(path, tables) for path in paths)}
    return tuple(found[name] for name in sorted(found))


def read_segment(path: Path, tables: Collection[str]) -> Segment:
    """One definition; raises ConfigurationError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise ConfigurationError(f"{path}: cannot be read as a UTF-8 text file") from None
    header: dict[str, str] = {}
    for line in text.splitlines():
        if match := _HEADER.fullmatch(line.strip()):
            header.setdefault(match[1], match[2])
    absent = [key for key in ("name", "owner", "description") if key not in header]
    if absent:
        raise ConfigurationError(f"{path}: its header lacks `-- {absent[0]}: …`; see docs/analyst.md")
    if not _NAME.fullmatch(header["name"]) or header["name"] != path.stem:
        raise ConfigurationError(f"{path}: its name has to be the file's ({path.stem}), in a-z, 0-9 and _")
    tree = _parsed(path, text)
    problem = next(_problems(tree, tables), None)
    if problem:
        raise ConfigurationError(f"{path}: {problem}")
    read = sorted({_full_name(table) for table in tree.find_all(exp.Table)} & set(tables))
    query = tree.sql(dialect="duckdb", comments=False)
    return Segment(header["name"], header["owner"], header["description"], text.strip(), query, tuple(read))


def _parsed(path: Path, text: str) -> exp.Query:
    try:
        statements = [tree for tree in sqlglot.parse(text, dialect="duckdb") if tree is not None]
    except (sqlglot.errors.SqlglotError, RecursionError) as error:
        where = getattr(error, "errors", None) or [{}]
        line = where[0].get("line")
        raise ConfigurationError(f"{path}: not a query that is understood{f', line {line}' if line else ''}") from None
    if len(statements) != 1:
        raise ConfigurationError(f"{path}: holds {len(statements)} statements; a segment is one query")
    (tree,) = statements
    if not isinstance(tree, exp.Query):
        raise ConfigurationError(f"{path}: is no query; a segment selects profile_id and changes nothing")
    return tree


def _problems(tree: exp.Query, tables: Collection[str]) -> Iterator[str]:
    if [name.lower() for name in tree.named_selects] != ["profile_id"]:
        yield "selects other columns; a segment selects profile_id and nothing else"
    own = {cte.alias_or_name.lower() for cte in tree.find_all(exp.CTE)}
    for node in tree.walk():
        if isinstance(node, exp.Table):
            yield from _table_problem(node, own, tables)
        elif isinstance(node, exp.Func) and not isinstance(node, exp.Connector):
            names = _function_names(node)
            if not names & _FUNCTIONS:
                yield f"calls {min(names)}(), which is not among the functions a segment may use"
        elif isinstance(node, _FORBIDDEN) or (isinstance(node, exp.Query) and node.args.get("into")):
            yield f"uses {type(node).__name__.upper()}, which a segment may not"


def _table_problem(node: exp.Table, own: Collection[str], tables: Collection[str]) -> Iterator[str]:
    if not isinstance(node.this, exp.Identifier):
        yield "reads from a function; a segment reads published tables only"
        return
    name = _full_name(node)
    if (name not in tables or name.split(".")[0] not in SCHEMAS) and not ("." not in name and name in own):
        yield f"reads {name}; a segment reads published tables of {', '.join(SCHEMAS)} only, by schema.table"


def _full_name(node: exp.Table) -> str:
    return ".".join(part.name for part in node.parts).lower()


def _function_names(node: exp.Func) -> set[str]:
    """The names under which a function is known; sqlglot keeps those it knows as nodes of their own."""
    if isinstance(node, exp.Anonymous | exp.AnonymousAggFunc):
        return {node.name.lower()}
    return {name.lower() for name in node.sql_names()}
