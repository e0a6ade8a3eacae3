"""The page for data scientists shows what its code prints."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

import notebook_page


def test_the_notebook_page_shows_what_its_code_prints(tmp_path: Path) -> None:
    blocks = notebook_page.printed(notebook_page.PAGE.read_text(encoding="utf-8"), tmp_path)
    assert len(blocks) == 6
    for shown, printed in blocks:
        assert printed == shown, "run tools/notebook_page.py"
