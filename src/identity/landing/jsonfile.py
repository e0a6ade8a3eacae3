"""Landing NDJSON and JSON arrays: one row per object, one column per top-level key.

Numbers keep their source text (ids beyond 2^53, `1.10`), nested values are compact JSON, booleans are
`true` and `false`. A line that is no JSON object is rejected alone; an array that breaks is refused whole,
for nothing shows where its next object starts.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from json.encoder import encode_basestring
from typing import Any

import numpy as np
import pyarrow as pa

from identity.landing.account import Account
from identity.landing.headers import column_names
from identity.landing.jsonarray import DECODER, MAX_LINE, Number, depth_of, elements
from identity.landing.model import Reading, Refusal, Sink
from identity.settings_groups import LimitSettings
from identity.standard.columns import no_collector

_BATCH = 20_000
_LINE_END = re.compile(rb"\r\n|\n|\r")

Fields = dict[str, str | None]


class _Keys:
    """Column names of the keys seen so far, in order of their first appearance."""

    def __init__(self, limits: LimitSettings) -> None:
        self._limits = limits
        self._seen: dict[str, None] = {}

    def table(self, rows: list[Fields]) -> pa.Table:
        shapes = dict.fromkeys(map(tuple, rows))  # the rows of an export mostly have the same keys
        for keys in shapes:
            self._seen.update(dict.fromkeys(keys))
        if len(self._seen) > self._limits.max_columns:
            raise Refusal("too_many_columns", f"more than {self._limits.max_columns} keys; check the export")
        columns: Iterable[Sequence[str | None]] = ([row.get(key) for row in rows] for key in self._seen)
        if list(shapes) == [tuple(self._seen)]:
            columns = zip(*(row.values() for row in rows), strict=True)
        arrays = [pa.array(column, pa.string()) for column in columns]
        return pa.table(arrays, names=list(self.names)) if arrays else pa.table({})

    @property
    def names(self) -> tuple[str, ...]:
        return column_names(self._seen)


def parse_object(text: str, limits: LimitSettings) -> tuple[Fields, str | None]:
    """The fields of one JSON object as text, or the rule that rejects it."""
    if depth_of(text) > limits.max_nesting:
        return {}, "nesting"
    try:
        value = DECODER.decode(text)
    except (ValueError, RecursionError):
        return {}, "invalid_json"
    return _checked(value, text, limits)


@no_collector()
def read_ndjson(text: Iterator[bytes], limits: LimitSettings, sink: Sink) -> tuple[Reading, tuple[str, ...]]:
    """Read one object per line; returns the reading and the column names."""
    account, keys = Account(limits, sink), _Keys(limits)
    batch: list[bytes] = []
    for line in _lines(text):
        batch.append(line)
        if len(batch) >= _BATCH:
            _deliver(account, keys, batch)
            batch = []
    _deliver(account, keys, batch)
    return Reading(account.landed, tuple(account.rejected), account.line, 0, account.landed_lines), keys.names


@no_collector()
def read_json_array(text: Iterator[bytes], limits: LimitSettings, sink: Sink) -> tuple[Reading, tuple[str, ...]]:
    """Read an array of objects, one at a time; a JSON array has no lines to account for."""
    account, keys = Account(limits, sink, by_line=False), _Keys(limits)
    rows: list[Fields] = []
    problems: dict[int, str] = {}
    texts: dict[int, bytes] = {}
    count = 0

    def flush() -> None:
        nonlocal rows, problems, texts, count
        if count:
            account.deliver(np.zeros(count, np.int64), keys.table(rows), problems, lambda index: texts[index])
        rows, problems, texts, count = [], {}, {}, 0

    for value, source in elements(text, limits):
        fields, rule = _checked(value, source, limits)
        if rule is None:
            rows.append(fields)
        else:
            problems[count], texts[count] = rule, source.encode("utf-8", "backslashreplace")
        count += 1
        if count >= _BATCH:
            flush()
    flush()
    return Reading(account.landed, tuple(account.rejected)), keys.names


def head_of_array(text: str, most: int, limits: LimitSettings) -> list[Fields]:
    """The fields of the first objects of a JSON array of which `text` is the start."""
    rows: list[Fields] = []
    try:
        for value, source in elements(iter([text.encode("utf-8", "replace")]), limits):
            fields, rule = _checked(value, source, limits)
            if rule is None:
                rows.append(fields)
            if len(rows) >= most:
                break
    except Refusal:
        return rows
    return rows


def _deliver(account: Account, keys: _Keys, batch: list[bytes]) -> None:
    if not batch:
        return
    rows: list[Fields] = []
    problems: dict[int, str] = {}
    blank = np.zeros(len(batch), bool)
    for index, line in enumerate(batch):
        if not line.strip():
            blank[index] = True
            continue
        fields, rule = _parse_line(line, account.limits)
        if rule is None:
            rows.append(fields)
        else:
            problems[index] = rule
    account.deliver(np.ones(len(batch), np.int64), keys.table(rows), problems, lambda i: batch[i], blank=blank)


def _parse_line(line: bytes, limits: LimitSettings) -> tuple[Fields, str | None]:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        return {}, "invalid_bytes"
    if "\0" in text:
        return {}, "nul_byte"
    return parse_object(text.strip(), limits)


def _checked(value: Any, text: str, limits: LimitSettings) -> tuple[Fields, str | None]:
    if not isinstance(value, dict):
        return {}, "not_an_object"
    fields = {key: _text(entry) for key, entry in value.items()}
    if not any(entry is not None for entry in fields.values()):
        return {}, "blank_row"
    if "\\u" in text and (rule := _bad_characters(fields)):
        return {}, rule
    if len(text) > limits.max_field_bytes // 4 and _too_long(fields, limits):
        return {}, "field_too_long"
    return fields, None


def _bad_characters(fields: Mapping[str, str | None]) -> str | None:
    whole = "".join(f"{key}{value or ''}" for key, value in fields.items())
    if "\0" in whole:
        return "nul_byte"
    return "invalid_text" if any("\ud800" <= char <= "\udfff" for char in whole) else None


def _too_long(fields: Mapping[str, str | None], limits: LimitSettings) -> bool:
    return any(value and len(value.encode("utf-8", "replace")) > limits.max_field_bytes for value in fields.values())


def _text(value: Any) -> str | None:
    """A top-level value as text."""
    kind = type(value)
    if kind is str:
        return value or None
    return _COMPACT[kind](value) if value is not None else None


def _compact(value: Any) -> str:
    """Compact JSON, numbers in their source text."""
    return _COMPACT[type(value)](value)


def _object(value: dict[str, Any]) -> str:
    return "{" + ",".join([f"{_quoted(key)}:{_compact(entry)}" for key, entry in value.items()]) + "}"


def _array(value: list[Any]) -> str:
    return "[" + ",".join(map(_compact, value)) + "]"


_quoted = encode_basestring  # what `json.dumps(text, ensure_ascii=False)` comes to, without an encoder for every text
_COMPACT: Mapping[type, Callable[[Any], str]] = {
    Number: str,
    str: _quoted,
    dict: _object,
    list: _array,
    bool: {True: "true", False: "false"}.__getitem__,
    type(None): lambda _: "null",
}
"""How a value is written, by its type: the decoder makes exactly these."""


def _lines(text: Iterator[bytes]) -> Iterator[bytes]:
    """Physical lines without their ends."""
    carry = b""
    for block in text:
        data = carry + block
        held = 1 if data.endswith(b"\r") else 0
        *lines, carry = _LINE_END.split(data[: len(data) - held])
        carry += data[len(data) - held :]
        if len(carry) > MAX_LINE:
            raise Refusal("line_too_long", f"a line of more than {MAX_LINE >> 20} MiB; check the export's line ends")
        yield from lines
    if carry:
        yield from _LINE_END.split(carry.removesuffix(b"\r"))
