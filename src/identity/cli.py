"""The command line: `identity COMMAND`. The commands stand in `commands/`, a module for each audience.

Exit codes: 0 published, 1 failed, 2 wrong use, 3 stopped by a critical check, 4 held, 5 input refused,
75 another run holds the lease, 130 interrupted.
"""

from typing import Annotated

import typer

# ruff: noqa: F401, I001 - importing registers the commands, in the order of `--help`
from identity.commands import pipeline
from identity.commands import matching
from identity.commands import decide
from identity.commands import stewardship
from identity.commands import report
from identity.commands import review
from identity.commands import tables
from identity.commands import server
from identity.commands import privacy
from identity.commands.base import app, out


@app.callback(invoke_without_command=True)
def _root(*, version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False) -> None:
    if version:
        from identity import __version__

        out.print(__version__)
        raise typer.Exit


def main() -> None:
    """Entry point of the `identity` program."""
    app()
