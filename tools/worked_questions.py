"""Run the queries of docs/analyst.md against a warehouse and write their answers beneath them.

usage: worked_questions.py [WAREHOUSE]   (default: demo/warehouse.duckdb, as `make demo` publishes it)
"""

import re
import sys
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "analyst.md"
QUESTION = re.compile(r"```sql\n(?P<query>.*?)```\n(?:\n```text\n.*?```\n)?", re.DOTALL)


def queries(page: str) -> list[str]:
    """The queries of the page."""
    return [match["query"] for match in QUESTION.finditer(page)]


def answered(page: str, warehouse: Path) -> str:
    """The page with the answers of this warehouse."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:

        def answer(match: re.Match[str]) -> str:
            frame = connection.sql(match["query"]).df()
            return f"```sql\n{match['query']}```\n\n```text\n{frame.to_string(index=False)}\n```\n"

        return QUESTION.sub(answer, page)


if __name__ == "__main__":
    chosen = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "demo" / "warehouse.duckdb"
    PAGE.write_text(answered(PAGE.read_text(encoding="utf-8"), chosen), encoding="utf-8")
