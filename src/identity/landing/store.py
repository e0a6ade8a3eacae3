"""Writing landed rows: one Parquet file per delivered file, named by its content, visible only when whole."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from identity.landing.headers import OWN_COLUMNS
from identity.landing.rowhash import row_hashes

_ROWS = 100_000
_BYTES = 48 << 20
_PLACES = ("_row", "_line_from", "_line_to")


class LandedWriter:
    """Takes chunks of rows, whose columns may grow, and writes row groups of a steady size."""

    def __init__(self, path: Path, sha256: str) -> None:
        self._path = path
        self._sha256 = sha256
        self._waiting: list[pa.Table] = []
        self._rows = self._bytes = 0
        self._worker = ThreadPoolExecutor(1)
        self._working: Future[None] | None = None
        self._parts: list[Path] = []
        self._writer: pq.ParquetWriter | None = None
        self._schema: pa.Schema | None = None

    def add(self, chunk: pa.Table) -> None:
        """Take rows: `_row`, `_line_from`, `_line_to` and delivered columns as text."""
        self._waiting.append(chunk)
        self._rows += chunk.num_rows
        self._bytes += chunk.nbytes
        if self._rows >= _ROWS or self._bytes >= _BYTES:
            self._hand_over()

    def close(self, columns: tuple[str, ...]) -> None:
        """Write what waits; a file without rows gets these columns."""
        if not self._parts and not self._waiting:
            empty = {**dict.fromkeys(_PLACES, pa.int64()), **dict.fromkeys(columns, pa.string())}
            self._waiting.append(pa.schema(list(empty.items())).empty_table())
        self._hand_over()
        self._settle()
        self._worker.shutdown()
        self._finish_part()
        if len(self._parts) == 1:
            self._parts[0].replace(self._path)
        else:
            self._merge()

    def abandon(self) -> None:
        """Remove what was written."""
        self._worker.shutdown()
        self._finish_part()
        for part in self._parts:
            part.unlink(missing_ok=True)

    def _hand_over(self) -> None:
        """Hash and write what waits, in a thread, while the next chunk is read; one at a time, in order."""
        waiting, self._waiting, self._rows, self._bytes = self._waiting, [], 0, 0
        self._settle()
        if waiting:
            self._working = self._worker.submit(self._write, waiting)

    def _settle(self) -> None:
        """Wait for the thread; what went wrong there is raised here."""
        if self._working is not None:
            self._working.result()
            self._working = None

    def _write(self, chunks: list[pa.Table]) -> None:
        rows = pa.concat_tables(chunks, promote_options="default").combine_chunks()
        rows = _completed(rows, self._sha256)
        if self._schema is None or not set(rows.column_names) <= set(self._schema.names):
            self._start_part(rows.schema)
        assert self._writer is not None
        self._writer.write_table(_in_schema(rows, self._schema), row_group_size=_ROWS)

    def _start_part(self, schema: pa.Schema) -> None:
        self._finish_part()
        known = list(self._schema) if self._schema else []
        names = {entry.name for entry in known}
        self._schema = pa.schema([*known, *(entry for entry in schema if entry.name not in names)])
        part = self._path.with_name(f"{self._path.name}.{len(self._parts)}.partial")
        part.parent.mkdir(parents=True, exist_ok=True)
        self._parts.append(part)
        self._writer = landed_parquet(part, self._schema)

    def _finish_part(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _merge(self) -> None:
        """One file of all parts, with every column that any of them has."""
        whole = self._path.with_name(self._path.name + ".partial")
        with landed_parquet(whole, self._schema) as writer:
            for part in self._parts:
                with pq.ParquetFile(part) as file:
                    for group in range(file.num_row_groups):
                        writer.write_table(_in_schema(file.read_row_group(group), self._schema))
        whole.replace(self._path)
        self.abandon()


@contextmanager
def landed_writer(path: Path, sha256: str) -> Iterator[LandedWriter]:
    """A writer whose partial files are removed when reading fails; call `close` when it succeeds."""
    writer = LandedWriter(path, sha256)
    try:
        yield writer
    except BaseException:
        writer.abandon()
        raise


def landed_parquet(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """A writer of a landed file; a context manager that closes it."""
    return pq.ParquetWriter(path, schema, compression="zstd", compression_level=1)


def _completed(rows: pa.Table, sha256: str) -> pa.Table:
    delivered = rows.drop_columns(list(_PLACES))
    own = {
        "_sha256": pa.repeat(pa.scalar(sha256), rows.num_rows),
        **{name: rows.column(name) for name in _PLACES},
        "_hash": row_hashes(delivered),
    }
    assert tuple(own) == OWN_COLUMNS
    return pa.table([*own.values(), *delivered.columns], names=[*own, *delivered.column_names])


def _in_schema(rows: pa.Table, schema: pa.Schema | None) -> pa.Table:
    assert schema is not None
    columns = [
        rows.column(entry.name) if entry.name in rows.column_names else pa.nulls(rows.num_rows, entry.type)
        for entry in schema
    ]
    return pa.table(columns, schema=schema)
