"""Run the code of docs/notebook.md and write down what it prints.

usage: python tools/notebook_page.py
"""

import contextlib
import io
import re
import sys
import tempfile
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "notebook.md"
BLOCK = re.compile(r"```python\n(.*?)```\n\n```text\n(.*?)```", re.DOTALL)


def printed(page: str, folder: Path) -> list[tuple[str, str]]:
    """(what stands on the page, what the code prints) of every block, run one after the other; `folder` is theirs."""
    names: dict[str, object] = {"folder": folder}
    found = []
    for code, shown in BLOCK.findall(page):
        stream = io.StringIO()
        with contextlib.redirect_stdout(stream):
            exec(compile(code, str(PAGE), "exec"), names)
        found.append((shown, stream.getvalue()))
    return found


def main() -> None:
    """Write the page anew."""
    page = PAGE.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        outputs = iter([output for _, output in printed(page, Path(folder))])
    PAGE.write_text(BLOCK.sub(lambda found: f"```python\n{found[1]}```\n\n```text\n{next(outputs)}```", page), "utf-8")
    sys.stdout.write(f"{PAGE} written\n")


if __name__ == "__main__":
    main()
