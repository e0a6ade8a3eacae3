"""Live through docs/story.md and write down what its queries answer.

A block of CSV is delivered under the name above it, a block of commands is run, a query is asked of the warehouse, and
the block of text after it becomes its answer.

usage: python tools/story_page.py
"""

import os
import re
import shlex
import sys
import tempfile
from pathlib import Path

import duckdb
from typer.testing import CliRunner

from identity.cli import app

PAGE = Path(__file__).resolve().parents[1] / "docs" / "story.md"
SECRET = "5e" * 32  # profile ids are derived under the store's key: with another one they are others
_BLOCK = re.compile(
    r"`(?P<name>[\w./-]+)`:\n\n```(?:csv|toml)\n(?P<file>.*?)```"
    r"|```sh\n(?P<commands>.*?)```"
    r"|```sql\n(?P<query>.*?)```\n\n```text\n(?P<answer>.*?)```",
    re.DOTALL,
)


def lived(page: str, folder: Path) -> list[tuple[str, str]]:
    """(what stands on the page, what the warehouse answers) of every query, after all that comes before it."""
    state = folder / "customers.state"
    state.mkdir()
    key = state / "secret.key"
    key.write_text(SECRET, encoding="ascii")
    key.chmod(0o600)
    before = Path.cwd()
    os.chdir(folder)
    try:
        return [answer for block in _BLOCK.finditer(page) for answer in _act(block, folder)]
    finally:
        os.chdir(before)


def _act(block: re.Match[str], folder: Path) -> list[tuple[str, str]]:
    if block["name"]:
        path = folder / block["name"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block["file"], encoding="utf-8")
    elif block["commands"]:
        for line in block["commands"].replace("\\\n", " ").splitlines():
            program, *arguments = shlex.split(line)
            if program == "rm":
                (folder / arguments[0]).unlink()
                continue
            told = CliRunner().invoke(app, arguments)
            if told.exit_code:
                raise RuntimeError(f"{line}\n{told.output}")
    else:
        return [(block["answer"], _table(folder / "customers.duckdb", block["query"]))]
    return []


def _table(warehouse: Path, query: str) -> str:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        asked = connection.execute(query)
        names = [column[0] for column in asked.description]
        rows = [["" if value is None else str(value) for value in row] for row in asked.fetchall()]
    width = [max(len(cell) for cell in column) for column in zip(names, *rows, strict=True)]
    lines = [names, ["-" * size for size in width], *rows]
    text = "\n".join(
        "  ".join(cell.ljust(size) for cell, size in zip(line, width, strict=True)).rstrip() for line in lines
    )
    return text + "\n"


def main() -> None:
    """Write the page anew."""
    page = PAGE.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        answers = iter([answer for _, answer in lived(page, Path(folder))])

    def renewed(block: re.Match[str]) -> str:
        if block["query"] is None:
            return block[0]
        return f"```sql\n{block['query']}```\n\n```text\n{next(answers)}```"

    PAGE.write_text(_BLOCK.sub(renewed, page), encoding="utf-8")
    sys.stdout.write(f"{PAGE} written\n")


if __name__ == "__main__":
    main()
