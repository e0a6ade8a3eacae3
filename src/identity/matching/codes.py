"""The encoded records of a run as files that are mapped, not read: what link made, resolve and explain take up.

    <folder>/layout.json          sizes, names of id types and attributes, which words each column has
    <folder>/<number>.npy         codes, frequencies, flags, and the bytes of the texts

A cache beside the tables: where it is missing or of another version, the records are encoded again. It holds personal
values like the tables it was made from.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from identity.matching.records import Addresses, Birth, Column, Emails, Longs, Names, Records
from identity.matching.words import Words, text_bytes

VERSION = 4
_LAYOUT = "layout.json"


def save(folder: Path, records: Records, first: Longs, distinct_of: Longs) -> None:
    """Write the records and which of all records each stands for; the folder appears under its name when whole."""
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    writer = _Writer(partial)
    parts: list[Any] = [_written(writer, part) for part in _parts(records)]
    layout = {
        "version": VERSION,
        "size": records.size,
        "ids": list(records.ids),
        "attributes": list(records.attributes),
        "first": writer.array(first),
        "distinct_of": writer.array(distinct_of),
        "parts": parts,
    }
    (partial / _LAYOUT).write_text(json.dumps(layout), encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    partial.replace(folder)


def load(folder: Path) -> tuple[Records, Longs, Longs] | None:
    """(records, first, distinct_of) as `save` was given them; None where there are none of this version."""
    if not (folder / _LAYOUT).exists():
        return None
    layout = json.loads((folder / _LAYOUT).read_text(encoding="utf-8"))
    if layout["version"] != VERSION:
        return None
    words: dict[int, Words] = {}
    parts = iter([_read(folder, entry, words) for entry in layout["parts"]])
    records = _records(layout["size"], layout["ids"], layout["attributes"], parts)
    return records, _array(folder, layout["first"]), _array(folder, layout["distinct_of"])


class _Writer:
    """Numbers the files of a folder; texts that several columns share are written once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        self._words: dict[int, int] = {}

    def array(self, values: NDArray[Any]) -> int:
        """Write an array and return its number."""
        self._count += 1
        np.save(self._folder / f"{self._count}.npy", values, allow_pickle=False)
        return self._count

    def words(self, words: Words) -> int:
        """Write the texts (their places, then their bytes) and return the number of the places."""
        if id(words) not in self._words:
            places, data = text_bytes(words.array)
            self._words[id(words)] = self.array(places.astype(np.int32))
            self.array(data)
        return self._words[id(words)]


def _parts(records: Records) -> Iterator[Column | NDArray[Any]]:
    names, birth, emails, addresses = records.names, records.birth, records.emails, records.addresses
    yield from (names.given, names.middle, names.family, names.suffix, names.whole)
    yield from (birth.year, birth.month, birth.day, birth.date)
    yield from (emails.key, emails.local, emails.from_name, records.phone)
    yield from (addresses.line, addresses.house, addresses.street, addresses.unit)
    yield from (addresses.postal, addresses.city, addresses.region, records.gender, records.company, records.bare)
    yield from (*records.ids.values(), *records.attributes.values())


def _records(size: int, ids: list[str], attributes: list[str], parts: Iterator[Any]) -> Records:
    """The same parts in the same order."""
    names = Names(*(next(parts) for _ in range(5)))
    birth = Birth(*(next(parts) for _ in range(4)))
    emails = Emails(*(next(parts) for _ in range(3)))
    phone = next(parts)
    addresses = Addresses(*(next(parts) for _ in range(7)))
    gender, company, bare = next(parts), next(parts), next(parts)
    return Records(
        size=size,
        names=names,
        birth=birth,
        emails=emails,
        phone=phone,
        ids={name: next(parts) for name in ids},
        addresses=addresses,
        gender=gender,
        company=company,
        attributes={name: next(parts) for name in attributes},
        bare=bare,
    )


def _written(writer: _Writer, part: Column | NDArray[Any]) -> list[int]:
    if not isinstance(part, Column):
        return [writer.array(part)]
    return [writer.array(part.codes), writer.words(part.values), writer.array(part.frequency), part.held]


def _read(folder: Path, entry: list[int], words: dict[int, Words]) -> Any:
    if len(entry) == 1:
        return _array(folder, entry[0])
    codes, texts, frequency, held = entry
    if texts not in words:
        places, data = _array(folder, texts), _array(folder, texts + 1)
        words[texts] = Words(pa.StringArray.from_buffers(len(places) - 1, pa.py_buffer(places), pa.py_buffer(data)))
    return Column(_array(folder, codes), words[texts], _array(folder, frequency), held)


def _array(folder: Path, number: int) -> NDArray[Any]:
    path = folder / f"{number}.npy"
    try:
        found: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except ValueError:  # an empty array cannot be mapped
        found = np.load(path, allow_pickle=False)
    return found.view(np.ndarray)
