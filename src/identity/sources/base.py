"""What a source is: how its files are recognised and what its columns mean.

A source is one small module with a `Source` value (or several, one per object). Land uses the upper half
(recognition and reading), standardise the lower half (meaning). Adding one touches no stage: put the
module here, name it in `registry.py`, and its event queries under `sql/sources/`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Literal

import pyarrow as pa

Format = Literal["csv", "ndjson", "json", "parquet"]
Names = str | tuple[str, ...]
Typed = Literal["time", "amount", "number", "email", "phone", "country", "id"]


@dataclass(frozen=True)
class FileFacts:
    """What recognition may look at.

    `path` is below the inbox, with the archive's member as last part; `columns` are the header names or
    top-level fields as `column_key` writes them; `sample` holds up to 50 first rows, keyed the same way.
    """

    path: PurePosixPath
    format: Format
    columns: frozenset[str]
    sample: tuple[Mapping[str, str | None], ...] = ()


@dataclass(frozen=True)
class AddressColumns:
    """Columns that together are one address; each may be a tuple of aliases."""

    kind: str = "mailing"
    line1: Names = ()
    line2: Names = ()
    house_number: Names = ()
    street: Names = ()
    unit: Names = ()
    po_box: Names = ()
    whole: Names = ()
    city: Names = ()
    region: Names = ()
    postal_code: Names = ()
    country: Names = ()


@dataclass(frozen=True)
class NameColumns:
    """Columns that together are one name; `full` holds a name in one piece."""

    title: Names = ()
    given: Names = ()
    middle: Names = ()
    family: Names = ()
    suffix: Names = ()
    full: Names = ()


@dataclass(frozen=True)
class ConsentColumn:
    """A column that states consent. `opt_out` turns yes into denied; `objection` values win for ever.

    `evidence` names what the user knows it by, where `prepare` made the column.
    """

    column: Names
    channel: str
    purpose: str = "marketing"
    opt_out: bool = False
    objection: bool = False
    at: Names = ()
    evidence: str = ""


@dataclass(frozen=True)
class RecordColumns:
    """How a row becomes a record. `key` aliases: the first column present; other tuples: all columns count.

    `identifiers` maps an id type to its columns; `links` maps a hard link's rule name to
    (column holding the other key, source object of the other). Where no `key` column holds a value, a
    keyed hash of the first filled column of `key_fallback` is the key, else (`key_from_row`) one of the
    whole row. `company_id` names a column with the key of an organisation and that organisation's object.
    `shared_phones` are phones that the source itself calls shared; `flags` maps a quality flag to a column
    that raises it when filled; `tags` hold labels, a list or parted by commas.
    """

    key: Names
    key_fallback: Names = ()
    key_from_row: bool = False
    names: tuple[NameColumns, ...] = ()
    emails: Names = ()
    phones: Names = ()
    shared_phones: Names = ()
    addresses: tuple[AddressColumns, ...] = ()
    identifiers: Mapping[str, Names] = field(default_factory=dict)
    attributes: Mapping[str, Names] = field(default_factory=dict)
    consents: tuple[ConsentColumn, ...] = ()
    links: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    company: Names = ()
    company_id: tuple[str, str] | None = None
    gender: Names = ()
    birth_date: Names = ()
    birth_year: Names = ()
    birth_month: Names = ()
    birth_day: Names = ()
    created_at: Names = ()
    updated_at: Names = ()
    deleted: Names = ()
    is_test: Names = ()
    is_staff: Names = ()
    flags: Mapping[str, Names] = field(default_factory=dict)
    tags: Names = ()


@dataclass(frozen=True)
class Events:
    """An event table fed by a source: `sql/sources/<query>.sql` selects the columns of `table` from `delivered`.

    `together` says that the query puts rows of several keys together (payments of one transaction), so that a change
    of one concerns the others (those of the source's `group`, where it has one), or that its rows bear another key than
    the row they are made of.

    The query may use `$source`, `$system`, `$prefix` (the source's, with its underscore, or empty) and
    `$currency`. Where several objects feed one event, the object of the event's own name wins.
    """

    table: str
    query: str
    together: bool = False


@dataclass(frozen=True)
class Source:
    """One export object.

    `signature` columns must all be present (as `column_key` writes them), `without` must be absent,
    `accepts` may look at path and first rows. `columns` are the headers its queries name: standardise
    offers `delivered` with every one of them (null where a header generation lacks it), named by
    `column_name`. `prepare` may add or rewrite columns of the delivered rows (text, named by `column_name`,
    beside `_path`).

    `typed` columns reach the queries as UTC timestamps, money, numbers, e-mail match keys, E.164 phones,
    ISO countries or ids as they are compared; a time
    `x` is joined by `x_zone`, the zone or offset it was written in (read in the zone of column `zone`, where
    one is named). Without a `record`, `event_key` are the columns that identify a row (`repeats`: equal keys
    in one file are different rows); with `hashed_key` the key is a keyed hash of them. `document` names the
    columns that only the first row of a many-row document fills. `group` is the column of the event key by which all
    queries of the source put rows together, and whose text is the `order_id` of what they make. `person_by_email` is
    the object of the same system whose record is meant where an event names nothing but an e-mail. With `name_is_data`
    (the campaign or status stands in the file's name) equal bytes under two names are two files.

    What erasing a person needs: `persons` maps a column that names a person's record to the object it stands in;
    `order_keys` are the columns with keys of orders and payments, the order's own first, which a keyed hash replaces;
    `accounting` are the only other columns that stay of the orders of an erased person. `order_object` holds the orders
    that are told of here, where that is another object.
    """

    name: str
    system: str
    signature: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    accepts: Callable[[FileFacts], bool] | None = None
    formats: frozenset[Format] = frozenset({"csv"})
    priority: int = 0
    encoding: str | None = None
    record: RecordColumns | None = None
    events: tuple[Events, ...] = ()
    columns: tuple[str, ...] = ()
    prepare: Callable[[pa.Table], pa.Table] | None = None
    typed: Mapping[str, Typed] = field(default_factory=dict)
    zone: str | None = None
    event_key: tuple[str, ...] = ()
    repeats: bool = False
    hashed_key: bool = False
    name_is_data: bool = False
    updated_at: Names = ()
    document: tuple[str, ...] = ()
    group: str = ""
    person_by_email: str | None = None
    name_column: str | None = None
    files: tuple[str, ...] = ()
    region: str | None = None
    time_zone: str = "UTC"
    currency: str | None = None
    date_order: str | None = None
    delivery: Literal["delta", "full"] = "delta"
    prefix: str = ""
    immutable: tuple[str, ...] = ()
    persons: Mapping[str, str] = field(default_factory=dict)
    order_keys: tuple[str, ...] = ()
    order_object: str | None = None
    accounting: tuple[str, ...] = ()

    def recognises(self, facts: FileFacts) -> bool:
        """Whether a file is an export of this object."""
        return (
            facts.format in self.formats
            and self.signature <= facts.columns
            and not self.without & facts.columns
            and (self.accepts is None or self.accepts(facts))
        )


def column_key(header: str) -> str:
    """A header for comparison: without byte-order mark, outer quotes and case; runs of spaces as one."""
    return re.sub(r"\s+", " ", header.replace("\ufeff", "").replace("\xa0", " ").strip().strip('"').strip()).casefold()


def column_name(header: str) -> str:
    """A header as a plain SQL name: `Lineitem compare at price` is `lineitem_compare_at_price`."""
    return re.sub(r"\W+", "_", column_key(header)).strip("_")


_METAFIELD = re.compile(r"\s*\((?:customer|order)\.metafields\.[^)]*\)$")
_REPEATED = re.compile(r" #\d+$")


def base_header(header: str) -> str:
    """A header without what land adds to one that stands twice (` #2`) and without a Shopify metafield's place.

    >>> base_header("Birth date (customer.metafields.facts.birth_date)")
    'Birth date'
    """
    return _METAFIELD.sub("", _REPEATED.sub("", header))
