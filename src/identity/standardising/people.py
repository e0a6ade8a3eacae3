"""The values of the records of one source: names, contact points, addresses, facts, consent.

Everything is read once per distinct value over the whole source. `records` is the way in; the other functions each
make the rows of one table, keyed by `_index`, the row of the record.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from identity.sources.base import NameColumns, Names
from identity.standard.names import name_columns
from identity.standardising.arrays import SEPARATOR, Mask, Numbers, Texts, mask, tuples, whole
from identity.standardising.delivered import each, text

Flags = list[tuple[str, Mask]]


@dataclass
class Repeats:
    """Values already seen at a record, so that a further column adds only what is new; numbers what is kept."""

    rows: int
    seen: list[Numbers] = field(default_factory=list)
    known: pa.Array = field(default_factory=lambda: pa.array([], pa.string()))
    count: Numbers = field(init=False)

    def __post_init__(self) -> None:
        self.count = np.zeros(self.rows, dtype=np.int64)

    def numbered(self, values: pa.Array | pa.ChunkedArray) -> Numbers:
        """A number for every text: equal ones alike, whenever they are asked for; -1 for null."""
        encoded = whole(values).dictionary_encode()
        place = pc.index_in(encoded.dictionary, value_set=self.known)
        new = mask(pc.is_null(place))
        number = np.array(pc.fill_null(place, -1).to_numpy(), dtype=np.int64)
        number[new] = len(self.known) + np.arange(int(new.sum()))
        self.known = pa.concat_arrays([self.known, encoded.dictionary.filter(pa.array(new))])
        return taken(number, encoded.indices)

    def keep(self, numbers: Numbers) -> tuple[Mask, Numbers]:
        """Which rows bring a value (number >= 0) not seen at their record, and its position there."""
        new = numbers >= 0
        for earlier in self.seen:
            new &= earlier != numbers
        position = self.count.copy()
        self.count += new
        self.seen.append(numbers)
        return new, position


def taken(numbers: Numbers, indices: pa.Array) -> Numbers:
    """Numbers of distinct values brought to the rows; -1 where the row has none."""
    position = np.asarray(pc.fill_null(indices, -1).to_numpy(), dtype=np.int64)
    return np.where(position >= 0, numbers[np.maximum(position, 0)], -1) if len(numbers) else np.full(len(position), -1)


def typed_groups(
    rows: pa.Table, groups: Sequence[Mapping[str, Names]]
) -> tuple[dict[str, Texts], list[tuple[int, pa.Array]]]:
    """Distinct tuples over several groups of columns, so that what stands in two groups is read once.

    Returns the tuples as one list per part that the delivery has, and for every group with a column of the delivery
    its place in `groups` and the tuples' numbers row by row.
    """
    present = [place for place, group in enumerate(groups) if any(each(rows, names) for names in group.values())]
    used = [part for part in (groups[0] if groups else ()) if any(each(rows, group[part]) for group in groups)]
    if not used:
        return {}, []
    columns = [pa.concat_arrays([whole(text(rows, groups[place][part])) for place in present]) for part in used]
    parts, numbers = tuples(columns)
    size = rows.num_rows
    return dict(zip(used, parts, strict=True)), [
        (place, numbers.slice(number * size, size)) for number, place in enumerate(present)
    ]


NAME_FIELDS = ("title", "given_name", "middle_name", "family_name", "suffix", "given_key", "middle_key", "family_key")
_NAME_OF = ("title", "given", "middle", "family", "generation", "given_key", "middle_key", "family_key")


@dataclass(frozen=True)
class Found:
    """Rows of one table, each with `_index`, and the flags raised on the records."""

    rows: pa.Table
    flags: Flags


def united(tables: Sequence[pa.Table], empty: pa.Schema) -> pa.Table:
    """The tables as one; without any, an empty one of this schema."""
    return pa.concat_tables(tables, promote_options="default") if tables else empty.empty_table()


_NAME_SCHEMA = pa.schema(
    [("_index", pa.int64()), ("position", pa.int64()), *((name, pa.string()) for name in NAME_FIELDS),
     ("is_person", pa.bool_()), ("company", pa.string())]
)  # fmt: skip


def names(rows: pa.Table, columns: Sequence[NameColumns]) -> Found:
    """Names of the records; the first column group that says something is the primary name."""
    repeats, tables, flags = Repeats(rows.num_rows), [], []
    wanted: list[Mapping[str, Names]] = [
        {
            "given": group.given, "middle": group.middle, "family": group.family, "full": group.full,
            "title": group.title, "suffix": group.suffix,
        }
        for group in columns
    ]  # fmt: skip
    typed, groups = typed_groups(rows, wanted)
    read = name_columns(typed)
    keys = repeats.numbered(_name_keys(read))
    for _, indices in groups:
        new, position = repeats.keep(taken(keys, indices))
        chosen = pa.array(np.nonzero(new)[0])
        brought = read.take(indices.take(chosen))
        tables.append(
            pa.table(
                {
                    "_index": chosen,
                    "position": position[new],
                    **{ours: brought.column(theirs) for ours, theirs in zip(NAME_FIELDS, _NAME_OF, strict=True)},
                    "is_person": pc.invert(pc.fill_null(brought.column("not_a_person"), fill_value=False)),
                    "company": brought.column("company"),
                }
            )
        )
        flags += _listed_flags("name", read.column("flags"), indices)
    return Found(united(tables, _NAME_SCHEMA), flags)


def _name_keys(read: pa.Table) -> pa.Array:
    """What makes two names one: their keys and generation; a company counts, too."""
    parts = ("given_key", "middle_key", "family_key", "generation", "company")
    columns = (whole(read.column(name)) for name in parts)
    joined = pc.binary_join_element_wise(*columns, SEPARATOR, null_handling="replace", null_replacement="")
    nothing = pc.equal(joined, SEPARATOR * (len(parts) - 1))
    return pc.if_else(nothing, pa.scalar(None, pa.string()), joined)


def _listed_flags(prefix: str, lists: pa.ChunkedArray, indices: pa.Array) -> Flags:
    """Flags of distinct values, one list each, as masks over the rows."""
    raised: dict[str, list[int]] = {}
    filled = pc.indices_nonzero(pc.fill_null(pc.list_value_length(lists), 0))
    for number, names_of_flags in zip(filled.to_pylist(), lists.take(filled).to_pylist(), strict=True):
        for name in names_of_flags:
            raised.setdefault(name, []).append(number)
    found: Flags = []
    position = np.asarray(pc.fill_null(indices, -1).to_numpy(), dtype=np.int64)
    for name, numbers in sorted(raised.items()):
        distinct = np.zeros(len(lists) + 1, dtype=np.bool_)
        distinct[numbers] = True
        found.append((f"{prefix}_{name}", distinct[position]))
    return found


def flag(name: str, distinct: pa.Array | pa.ChunkedArray, indices: pa.Array) -> tuple[str, Mask]:
    """One flag from a boolean per distinct value."""
    return name, mask(whole(distinct).take(indices))
