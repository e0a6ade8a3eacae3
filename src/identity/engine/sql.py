"""The one place that finds and assembles SQL text.

Queries live in `sql/<stage>/<name>.sql`, one query per file, with named parameters `$name`. A header
comment says what is read, what is written and what a row is. Nothing from data or configuration is ever
put into the text: values travel as parameters, and the identifiers below come from `identity.tables`.
"""

from functools import cache
from pathlib import Path

from identity.errors import IdentityError


def data_folder(name: str) -> Path:
    """`sql` or `expectations`: beside the sources in a checkout, inside the package when installed."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "_data" / name, package.parents[1] / name):
        if folder.is_dir():
            return folder
    raise IdentityError(f"the folder {name}/ is missing from the installation; reinstall identity")


@cache
def load(name: str) -> str:
    """Text of `sql/<name>.sql` without its trailing semicolon."""
    path = data_folder("sql") / f"{name}.sql"
    if not path.is_file():
        raise IdentityError(f"sql/{name}.sql does not exist")
    return path.read_text(encoding="utf-8").strip().rstrip(";")


def quote(identifier: str) -> str:
    """A quoted SQL identifier; `schema.table` becomes two quoted parts."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in identifier.split(".", 1))


def quote_column(name: str) -> str:
    """A quoted column name, whatever characters it holds."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A quoted SQL string, for the few places that take no parameter (comments, file names)."""
    return "'" + text.replace("'", "''") + "'"
