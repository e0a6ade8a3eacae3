"""A store with a person to be erased, and a look at every byte and every text that is kept afterwards."""

import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb

Found = Callable[[str | bytes], list[str]]


def traces(folder: Path, found: Found, *apart: str) -> list[str]:
    """Where something is found in the warehouse and below the state folder: in bytes, texts of tables and file names."""
    state = folder / "w.state"
    places = []
    for path in sorted([folder / "w.duckdb", *(path for path in state.rglob("*") if path.is_file())]):
        name = path.relative_to(folder).as_posix()
        if name.startswith(apart):
            continue
        texts: Iterator[tuple[str, str | bytes]] = iter([("bytes", path.read_bytes()), ("name", path.name)])
        places += [f"{name} {where}" for where, text in texts if found(text)]
        if path.suffix in (".duckdb", ".parquet"):
            places += [f"{name} {table}" for table, text in _rows(path) if found(text)]
    return places


def _rows(path: Path) -> Iterator[tuple[str, str]]:
    with duckdb.connect() as connection:
        if path.suffix == ".parquet":
            relations = [(path.stem, f"read_parquet('{path}')")]
        else:
            connection.execute(f"attach '{path}' as held (read_only)").fetchall()
            relations = [
                (f"{schema}.{name}", f'held."{schema}"."{name}"')
                for schema, name in connection.execute(
                    "select schema_name, table_name from duckdb_tables() where database_name = 'held'"
                ).fetchall()
            ]
        for name, relation in relations:
            for row in connection.execute(f"select * from {relation}").fetchall():
                yield name, repr(row)


def delivered_again(inbox: Path, target: Path) -> Path:
    """The same rows as other bytes: every file ends in one more line end."""
    shutil.copytree(inbox, target)
    for path in sorted(path for path in target.rglob("*") if path.is_file()):
        if path.suffix.lower() == ".zip":
            with zipfile.ZipFile(path) as archive:
                members = {name: archive.read(name) for name in archive.namelist()}
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                for name, data in members.items():
                    archive.writestr(name, data + b"\n")
        else:
            path.write_bytes(path.read_bytes() + b"\n")
    return target


def shop(folder: Path, name: str, people: list[tuple[object, ...]], orders: list[tuple[object, ...]] = ()) -> Path:
    """A delivery of customers (id, first, last, mail, phone, street, note) and orders (id, customer, amount, date)."""
    from tests.support.cli import write_rows

    write_rows(folder / "in" / f"people-{name}.csv", "id,first,last,mail,phone,street,note", people)
    if orders:
        write_rows(folder / "in" / f"orders-{name}.csv", "id,customer,amount,date", orders)
    config = folder / "run.toml"
    config.write_text(
        'region = "US"\nthreads = 1\nmemory_limit = "1GB"\nwarehouse = "w.duckdb"\n'
        "[gate]\nmax_changed_ids = 1\nmax_profile_count_change = 1\nmax_fill_rate_change = 1\n"
        '[[sources]]\nname = "people"\nfiles = "in/people*.csv"\nrecord_id = "id"\n'
        '[sources.fields]\ngiven_name = "first"\nfamily_name = "last"\nemail = "mail"\nphone = "phone"\naddress = "street"\n'
        '[[sources]]\nname = "sales"\nkind = "order"\nfiles = "in/orders*.csv"\nrecord_id = "id"\n'
        'person_source = "people"\nperson_id = "customer"\n'
        '[sources.fields]\ngross = "amount"\norder_at = "date"\n'
    )
    return config
