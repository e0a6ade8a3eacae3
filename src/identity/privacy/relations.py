"""A table without a person, as one query: by the names of its columns, with a few tables that need more.

The queries read the temporary tables of `offer_plan`; `t` is the table. Everything that names a record, profile, event
or identifier by the columns that all our tables use is covered, so that a table added later is, too; what remains
is looked through for texts that name the person.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from identity.engine.sql import literal, load, quote_column
from identity.privacy import words
from identity.privacy.person import key_table, offer
from identity.privacy.plan import Plan

_RECORD = "exists (select 1 from erased_record as e where e.source = t.{0} and e.source_pk = t.{1})"
_HOUSEHOLD = (
    "exists (select 1 from erased_record as e where e.source = 'gold.household' and e.source_pk = t.household_id)"
)
_PROFILE = "coalesce(t.{0} in (select profile_id from erased_profile), false)"
# an order's id in gold.touchpoint, by which marts name the conversion
_CONVERSION = (
    "exists (select 1 from erased_order as e "
    "where t.{0} = 'tp_' || left(sha256(concat_ws(chr(31), e.source, 'order', e.order_id)), 20))"
)
_VALUE = "exists (select 1 from erased_value as e where e.id_type = {0} and e.match_key = t.{1})"

# Columns that, standing together, name a record, an event or a profile: a row with an erased one goes.
_NAMING = (
    (("source", "source_pk"), _RECORD), (("source_a", "pk_a"), _RECORD), (("source_b", "pk_b"), _RECORD),
    (("other_source", "other_pk"), _RECORD), (("person_source", "person_pk"), _RECORD),
    (("source", "ticket_id"), _RECORD), (("source", "response_id"), _RECORD), (("source", "checkout_id"), _RECORD),
    (("winning_source", "winning_source_pk"), _RECORD), (("profile_id",), _PROFILE), (("conversion_id",), _CONVERSION),
)  # fmt: skip
_VALUED = (
    (("id_type", "id_match_key"), "t.id_type"), (("id_type", "id_value"), "t.id_type"), (("type", "value"), "t.type"),
    (("person_email",), "'email'"), (("visitor_id",), "'visitor_id'"),
)  # fmt: skip

_ORDERS = {"std.order", "std.order_item", "std.refund", "gold.orders", "gold.order_items", "gold.refunds"}
# Rows that stay whatever they say: accounts of rows and ids, and the log of decisions, which is append-only.
_KEPT = {"std.row_disposition", "identity.profile", "steward.decision", "steward.log", "steward.log_record"}
_STAND_IN = "(select e.token from erased_order as e where e.source = t.source and e.order_id = t.{0})"
_IS_ORDER = "exists (select 1 from erased_order as e where e.source = t.source and e.order_id = t.{0})"
_CHANGE = "(select c.change from changed_row as c where c.sha256 = t.sha256 and c.row_number = t.row_number)"
_TOUCH_ORDER = f"(t.touch_type = 'order' and {_IS_ORDER.format('source_pk')})"
_EXAMPLE = "exists (select 1 from erased_record as e where contains(t.{0}, e.source || ' ' || e.source_pk))"
_NAMED = "list_has_any(t.records, getvariable('erased_keys'))"
_LOGGED = "t.number in (select n.number from {0} as n semi join erased_record as e using (source, source_pk))"
_PLACE = {"_sha256", "_row", "_line_from", "_line_to"}
_LIVE_RECORDS = (
    "(select count(*) from {0} as x where x.profile_id = t.profile_id and not "
    "exists (select 1 from erased_record as e where e.source = x.source and e.source_pk = x.source_pk))"
)
_ENDING = _PROFILE.format("profile_id")


@dataclass(frozen=True)
class Shape:
    """A table as it stands: its columns with their types, the SQL that reads it and its key columns."""

    name: str
    columns: tuple[tuple[str, str], ...]
    relation: str
    key: tuple[str, ...] = ()

    @property
    def names(self) -> set[str]:
        """The column names."""
        return {name for name, _ in self.columns}


@dataclass(frozen=True)
class Cleaned:
    """A table without the person: `query` gives its rows, `touched` counts what goes or changes by action."""

    query: str
    removed: str
    changed: str


@dataclass(frozen=True)
class Landed:
    """The landed files of a source object that have changed rows: the SQL that reads them, and their columns."""

    relation: str
    columns: frozenset[str]


@dataclass(frozen=True)
class Tokens:
    """What stands for orders now: (source, order id, token), and (file, row, token) of their landed rows."""

    orders: tuple[tuple[str, str, str], ...]
    rows: tuple[tuple[str, int, str], ...]


def landed_of(state: Path, plan: Plan) -> dict[str, Landed]:
    """The landed files that have changed rows, by source object."""
    found: dict[str, list[Path]] = {}
    for file in plan.files:
        path = state / "landed" / file.source / f"{file.sha256}.parquet"
        if path.exists():
            found.setdefault(file.source, []).append(path)
    return {
        source: Landed(
            f"read_parquet([{', '.join(literal(str(path)) for path in paths)}], union_by_name = true)",
            frozenset(name for path in paths for name in pq.read_schema(path).names),
        )
        for source, paths in found.items()
    }


def offer_plan(connection: duckdb.DuckDBPyConnection, plan: Plan, tokens: Tokens) -> None:
    """Make what a plan names readable.

    Temporary tables erased_record, erased_profile, erased_order, erased_value, changed_row and unlinked_row.
    """
    offer(connection, "erased_record", key_table({*plan.records, *plan.events}))
    offer(connection, "erased_profile", pa.table({"profile_id": pa.array(plan.profiles, pa.string())}))
    offer(connection, "erased_order", _texts(("source", "order_id", "token"), tokens.orders))
    offer(connection, "erased_value", _texts(("id_type", "match_key"), (*plan.identifiers, *plan.values)))
    changes = [
        (file.sha256, row, change)
        for file in plan.files
        for change in ("blank", "unlink", "redact")
        for row in getattr(file, change)
    ]
    offer(connection, "changed_row", _rows("change", changes))
    offer(connection, "unlinked_row", _rows("token", tokens.rows))
    connection.execute("set variable told = $told", {"told": words.pattern(plan.words)}).fetchall()
    keys = [f"{source}:{key}" for source, key in plan.records]
    connection.execute("set variable erased_keys = $keys::varchar[]", {"keys": keys}).fetchall()
    connection.execute("set variable whole = $whole", {"whole": not plan.values}).fetchall()


def offer_ending(connection: duckdb.DuckDBPyConnection, others: Mapping[str, str]) -> None:
    """The profiles that end in this generation, with its run."""
    connection.execute(
        'create or replace temp table ending (profile_id varchar, run_number bigint, run_id varchar, "at" timestamp)'
    ).fetchall()
    if {"identity.profile", "ops.run"} <= others.keys():
        connection.execute(
            f"insert into ending select profile_id, run_number, run_id, as_of from {others['identity.profile']} as p "  # noqa: S608
            "semi join erased_profile using (profile_id), "
            f"(select * from {others['ops.run']} order by run_number desc limit 1) as run where p.status <> 'erased'"
        ).fetchall()


def _rows(name: str, rows: Sequence[tuple[str, int, str]]) -> pa.Table:
    types = {"sha256": pa.string(), "row_number": pa.int64(), name: pa.string()}
    columns = zip(*rows, strict=True) if rows else ((), (), ())
    return pa.table(
        [pa.array(list(values), kind) for values, kind in zip(columns, types.values(), strict=True)], list(types)
    )


def _texts(names: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> pa.Table:
    ordered = sorted(set(rows))
    return pa.table({name: pa.array([row[n] for row in ordered], pa.string()) for n, name in enumerate(names)})


def cleaned(shape: Shape, others: Mapping[str, str], landed: Mapping[str, Landed]) -> Cleaned:
    """How a table loses the person; `others` gives the SQL that reads further tables of the same generation."""
    if shape.name.startswith("raw.") and "_sha256" in shape.names:
        return _delivered(shape, landed.get(shape.name.removeprefix("raw.")))
    gone = _gone(shape)
    replaced = _replaced(shape, others)
    columns = ", ".join(
        f"{replaced.get(name, f't.{quote_column(name)}')} as {quote_column(name)}" for name, _ in shape.columns
    )
    query = f"select {columns} from {shape.relation} as t where not ({gone})"  # noqa: S608 - names from the catalogue
    if shape.name == "identity.profile_event":
        query = f"({query}) union all by name ({load('privacy/erased_event')})"
    changed = f"select count(*) from {shape.relation} as t where not ({gone}) and ({_touched(shape)})"  # noqa: S608
    return Cleaned(query, f"select count(*) from {shape.relation} as t where {gone}", changed)  # noqa: S608


def about(shape: Shape) -> str:
    """Which rows of a table `t` are about the person: those that an erasure takes away or changes."""
    if shape.name in _ORDERS:
        return _IS_ORDER.format("order_id")
    if "records" in shape.names:
        return _NAMED
    special = {
        "identity.profile": _ENDING,
        "identity.profile_event": f"{_ENDING} or {_RECORD.format('source', 'source_pk')}",
        "raw.rejected": f"coalesce({_CHANGE} = 'blank', false) or {told('t.raw_text')}",
    }
    found = special.get(shape.name) or _gone(shape)
    return f"{_TOUCH_ORDER} or {found}" if shape.name == "gold.touchpoint" else found


def _delivered(shape: Shape, landed: Landed | None) -> Cleaned:
    """Delivered rows of a source object: the changed ones are taken from the landed files."""
    if landed is None:
        return Cleaned(f"select * from {shape.relation}", "select 0", "select 0")  # noqa: S608 - ours
    change = "(select c.change from changed_row as c where c.sha256 = t._sha256 and c.row_number = t._row)"
    stand_in = "(select u.token from unlinked_row as u where u.sha256 = t._sha256 and u.row_number = t._row)"
    told_of = {
        "_disposition": f"case {change} when 'blank' then 'erased' when 'unlink' then "
        "if(t._disposition = 'record', 'event', t._disposition) else t._disposition end",
        "_source_pk": f"case {change} when 'blank' then null when 'unlink' then {stand_in} else t._source_pk end",
    }
    columns = []
    for name, _ in shape.columns:
        column = quote_column(name)
        new = f"landed.{column}" if name in landed.columns else "null"
        own = f"t.{column}" if name in _PLACE else f"case when landed._sha256 is null then t.{column} else {new} end"
        columns.append(f"{told_of.get(name, own)} as {column}")
    query = (
        f"select {', '.join(columns)} from {shape.relation} as t left join "  # noqa: S608 - names from the catalogue
        f"(select l.* from {landed.relation} as l semi join changed_row as c "
        "on c.sha256 = l._sha256 and c.row_number = l._row) as landed "
        "on landed._sha256 = t._sha256 and landed._row = t._row order by t._sha256, t._row"
    )
    changed = f"select count(*) from {shape.relation} as t where {change} is not null"  # noqa: S608
    return Cleaned(query, "select 0", changed)


def _gone(shape: Shape) -> str:
    """Which rows go."""
    if shape.name in _ORDERS | _KEPT:
        return "false"
    if shape.name == "steward.review_item" and "records" in shape.names:
        ended = "list_has_any(t.profile_ids, (select list(profile_id) from erased_profile))"
        return f"coalesce({_NAMED}, false) or coalesce({ended}, false)"
    if shape.name == "gold.household":  # the next run makes it anew of those who are left
        return _HOUSEHOLD
    if shape.name == "raw.rejected":
        return f"t.rule in ('no_key', 'line_without_first_row') and coalesce({_CHANGE} = 'blank', false)"
    if shape.name == "identity.profile_alias":
        return f"{_PROFILE.format('old_profile_id')} or {_PROFILE.format('current_profile_id')}"
    found = [condition.format(*names) for names, condition in _NAMING if set(names) <= shape.names]
    if shape.name == "identity.profile_event":  # what befell the profile itself stays, of its records nothing
        found = [_RECORD.format("source", "source_pk"), f"{_ENDING} and t.source_pk is not null"]
    found += [_VALUE.format(kind, names[-1]) for names, kind in _VALUED if set(names) <= shape.names]
    plain = " or ".join(found) or "false"
    return f"not {_TOUCH_ORDER} and ({plain})" if shape.name == "gold.touchpoint" else plain


def _replaced(shape: Shape, others: Mapping[str, str]) -> dict[str, str]:
    """Columns that change in rows that stay."""
    found = {name: redacted(name, kind, is_key=name in shape.key) for name, kind in shape.columns if _is_text(kind)}
    if "order_id" in shape.names:
        found |= _of_orders(shape)
    elif shape.name == "gold.touchpoint":
        found |= _interaction()
    elif shape.name == "std.row_disposition":
        found |= _disposed()
    elif shape.name == "raw.rejected":
        found["raw_text"] = (
            f"case when coalesce({_CHANGE} = 'blank', false) or {told('t.raw_text')} then null else t.raw_text end"
        )
    elif shape.name == "identity.profile":
        found |= _ended(others)
    elif shape.name == "gold.consent":
        gone = _RECORD.format("evidence_source", "evidence_source_pk")
        found |= _nulled(gone, "evidence_source", "evidence_source_pk")
    elif shape.name == "ops.quality_result":
        found |= {name: _unexampled(name, found[name]) for name in ("observed", "message")}
    elif shape.name.startswith("steward."):
        found |= _decided(shape, others)
    if "n_source_records" in shape.names and "identity.profile_xref" in others:
        found["n_source_records"] = _LIVE_RECORDS.format(others["identity.profile_xref"])
    return found


def _nulled(condition: str, *names: str) -> dict[str, str]:
    return {name: f"case when {condition} then null else t.{name} end" for name in names}


def _unexampled(name: str, otherwise: str) -> str:
    return f"case when {_EXAMPLE.format(name)} then '{words.MARK}' else {otherwise} end"


def _interaction() -> dict[str, str]:
    """An order in the journey stays as the order does, in nobody's journey and visit."""
    stand_in = _STAND_IN.format("source_pk")
    return {
        name: f"case when {_TOUCH_ORDER} then {new} else t.{name} end"
        for name, new in (
            ("touchpoint_id", f"'tp_' || left(sha256(concat_ws(chr(31), t.source, t.touch_type, {stand_in})), 20)"),
            ("source_pk", stand_in), ("title", stand_in), ("profile_id", "null"), ("session_id", "null"),
        )
    }  # fmt: skip


def _of_orders(shape: Shape) -> dict[str, str]:
    """An order keeps its amounts, under a keyed hash in place of its number and without its person.

    What only reports an order (a visit, a checkout, an interaction) forgets its number.
    """
    if shape.name not in _ORDERS:
        return _nulled(_reported(shape), *(name for name in ("order_source", "order_id") if name in shape.names))
    own = _IS_ORDER.format("order_id")
    found = {"order_id": f"coalesce({_STAND_IN.format('order_id')}, t.order_id)"}
    if "title" in shape.names:
        found["title"] = f"coalesce({_STAND_IN.format('order_id')}, t.title)"
    for name in ("person_source", "person_pk", "profile_id"):
        if name in shape.names:
            found[name] = f"case when {own} then null else t.{name} end"
    return found


def _reported(shape: Shape) -> str:
    """Whether a row that is no order names one of the person."""
    own = "e.source = t.order_source and " if "order_source" in shape.names else ""
    return f"exists (select 1 from erased_order as e where {own}e.order_id = t.order_id)"  # noqa: S608 - ours


def _disposed() -> dict[str, str]:
    stand_in = "(select u.token from unlinked_row as u where u.sha256 = t.sha256 and u.row_number = t.row_number)"
    change = f"coalesce({_CHANGE}, '')"
    return {
        "disposition": f"case {change} when 'blank' then 'erased' "
        f"when 'unlink' then if(t.disposition = 'record', 'event', t.disposition) else t.disposition end",
        "source_pk": f"case {change} when 'blank' then null when 'unlink' then {stand_in} else t.source_pk end",
        "rule": f"case {change} when 'blank' then 'content_removed' "
        "when 'unlink' then if(t.disposition = 'record', 'names_nobody', t.rule) else t.rule end",
    }


def _decided(shape: Shape, others: Mapping[str, str]) -> dict[str, str]:
    """A decision stays in its place without the keys of the records and without its words."""
    if shape.name == "steward.log_record":
        gone = _RECORD.format("source", "source_pk")
        return {name: f"case when {gone} then null else t.{name} end" for name in ("source", "source_pk")}
    if shape.name == "steward.log" and "steward.log_record" in others:
        logged = _LOGGED.format(others["steward.log_record"])
        return {
            name: f"case when {logged} or {told(f't.{name}')} then null else t.{name} end"
            for name in ("reason", "value")
        }
    if shape.name != "steward.decision":
        return {}
    of_person = f"coalesce({_NAMED}, false)"
    return {
        "records": f"case when {of_person} "
        "then list_transform(t.records, lambda x: if(list_contains(getvariable('erased_keys'), x), '-', x)) "
        "else t.records end",
        **{
            name: f"case when {of_person} or {told(f't.{name}')} then null else t.{name} end"
            for name in ("reason", "value")
        },
    }


def _ended(others: Mapping[str, str]) -> dict[str, str]:
    number = f"(select max(run_number) from {others['ops.run']})" if "ops.run" in others else "t.created_run"  # noqa: S608
    left = _LIVE_RECORDS.format(others["identity.profile_xref"]) if "identity.profile_xref" in others else "t.n_records"
    return {
        "status": f"case when {_ENDING} then 'erased' else t.status end",
        "retired_run": f"case when {_ENDING} then coalesce(t.retired_run, {number}) else t.retired_run end",
        "survivor_profile_id": f"case when {_ENDING} then null else t.survivor_profile_id end",
        "n_records": f"case when {_ENDING} then 0 when t.status = 'active' then {left} else t.n_records end",
    }


def _is_text(kind: str) -> bool:
    return kind in ("VARCHAR", "VARCHAR[]")


def told(expression: str) -> str:
    """Whether a text names the person."""
    return f"coalesce(regexp_matches({expression}, getvariable('told')), false)"


def redacted(name: str, kind: str, *, is_key: bool) -> str:
    """A text column without what names the person: null where it is nothing else, but for a key.

    What stands around a name is about the person, too: such a text goes as a whole, unless an identifier goes alone.
    """
    column = f"t.{quote_column(name)}"
    mark = words.MARK
    if kind == "VARCHAR[]":
        return f"list_transform({column}, lambda x: if({told('x')}, '{mark}', x))"
    once = f"regexp_replace({column}, getvariable('told'), '\\1{mark}\\2', 'g')"
    twice = f"regexp_replace({once}, getvariable('told'), '\\1{mark}\\2', 'g')"
    new = twice if is_key else f"if({twice} = '{mark}', null, if(getvariable('whole'), '{mark}', {twice}))"
    return f"case when {told(column)} then {new} else {column} end"


def _touched(shape: Shape) -> str:
    """Whether a row that stays changes."""
    if shape.name in _ORDERS:
        return _IS_ORDER.format("order_id")
    special = {
        "std.row_disposition": f"{_CHANGE} in ('blank', 'unlink')",
        "identity.profile": f"{_ENDING} and t.status <> 'erased'",
        "steward.log": "true",
        "steward.log_record": "true",
        # one about a value names no record
        "steward.decision": f"coalesce({_NAMED}, false) or {told('t.reason')} or {told('t.value')}",
        "gold.touchpoint": f"{_TOUCH_ORDER} or {_told_of(shape)}",
    }
    if shape.name in special:
        return special[shape.name]
    return f"{_reported(shape)} or {_told_of(shape)}" if "order_id" in shape.names else _told_of(shape)


def _told_of(shape: Shape) -> str:
    """Whether any text of a row names the person."""
    texts = [f"t.{quote_column(name)}" for name, kind in shape.columns if kind == "VARCHAR"]
    lists = [f"array_to_string(t.{quote_column(name)}, chr(31))" for name, kind in shape.columns if kind == "VARCHAR[]"]
    return told(f"concat_ws(chr(31), {', '.join((*texts, *lists))})") if texts or lists else "false"
